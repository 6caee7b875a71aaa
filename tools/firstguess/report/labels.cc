#include "tools/firstguess/report/labels.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/spec/losses.h"
#include "nlohmann/json.hpp"

namespace firstguess {
namespace {

constexpr size_t kMostListedValues = 12;

std::string NumberLabel(double value) { return absl::StrFormat("%.6g", value); }

bool IsDefaultWord(absl::string_view loss, const std::string& parameter, const std::string& word) {
  const LossInfo* info = FindLoss(loss);
  const LossParameter* known = info == nullptr ? nullptr : info->FindParameter(parameter);
  return known != nullptr && known->default_value == Loss::Parameter(word);
}

}  // namespace

std::string FieldLabel(absl::string_view name) { return absl::StrReplaceAll(name, {{"_", " "}}); }

std::string ValueLabel(const SqlValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return absl::StrCat(*integer);
  if (const auto* real = std::get_if<double>(&value)) return NumberLabel(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "none";
}

std::string ValuesLabel(const TrialField& field) {
  if (field.values.size() <= kMostListedValues) {
    return absl::StrJoin(field.values, ", ", [](std::string* out, const SqlValue& value) {
      out->append(ValueLabel(value));
    });
  }
  return absl::StrCat(ValueLabel(field.values.front()), " to ", ValueLabel(field.values.back()),
                      " (", field.values.size(), " values)");
}

std::string TreatmentLabel(absl::string_view loss, absl::string_view loss_params,
                           int64_t loss_delay_steps) {
  std::string label = absl::StrReplaceAll(loss, {{"_", "-"}});
  const nlohmann::json parameters =
      nlohmann::json::parse(std::string(loss_params), nullptr, /*allow_exceptions=*/false);
  if (parameters.is_object()) {
    for (const auto& [name, value] : parameters.items()) {
      if (value.is_number()) {
        absl::StrAppend(&label, ", ", FieldLabel(name), " ", NumberLabel(value.get<double>()));
      } else if (value.is_string() && !IsDefaultWord(loss, name, value.get<std::string>())) {
        absl::StrAppend(&label, ", ", FieldLabel(name), " ", value.get<std::string>());
      }
    }
  } else if (!loss_params.empty()) {
    absl::StrAppend(&label, ", ", loss_params);
  }
  if (loss_delay_steps > 0) absl::StrAppend(&label, ", from step ", loss_delay_steps);
  return label;
}

std::vector<std::string> ClassNames(absl::string_view dataset, int64_t classes) {
  std::vector<std::string> names;
  if (dataset == "fashion-mnist") {
    names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
             "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  } else if (dataset == "cifar-10") {
    names = {"airplane", "automobile", "bird",  "cat",  "deer",
             "dog",      "frog",       "horse", "ship", "truck"};
  }
  if (static_cast<int64_t>(names.size()) != classes) {
    names.clear();
    for (int64_t c = 0; c < classes; ++c) names.push_back(absl::StrCat("class ", c));
  }
  return names;
}

}  // namespace firstguess
