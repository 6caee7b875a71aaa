#include "common/spec/losses.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/spec/known_losses.h"
#include "common/spec/limits.h"

namespace firstguess {

const LossParameter* LossInfo::FindParameter(absl::string_view parameter) const {
  for (const LossParameter& candidate : parameters) {
    if (candidate.name == parameter) return &candidate;
  }
  return nullptr;
}

Loss LossInfo::Default() const {
  Loss loss;
  loss.name = std::string(name);
  for (const LossParameter& parameter : parameters) {
    loss.parameters[std::string(parameter.name)] = parameter.default_value;
  }
  return loss;
}

const std::vector<LossInfo>& KnownLosses() {
  static const auto* const losses = new std::vector<LossInfo>(MakeKnownLosses());
  return *losses;
}

const LossInfo* FindLoss(absl::string_view name) {
  for (const LossInfo& loss : KnownLosses()) {
    if (loss.name == name) return &loss;
  }
  return nullptr;
}

absl::Status CheckLossParameter(const LossParameter& parameter, const Loss::Parameter& value) {
  if (value.index() != parameter.default_value.index()) {
    return absl::InvalidArgumentError(absl::StrCat("`", parameter.name, "` must be ",
                                                   parameter.is_word() ? "a word" : "a number"));
  }
  if (parameter.is_word()) {
    return CheckWord(parameter.name, std::get<std::string>(value), parameter.words);
  }
  const double number = std::get<double>(value);
  if (parameter.is_integer && std::isfinite(number) && number != std::floor(number)) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", parameter.name, "` must be an integer, not ", NumberText(number)));
  }
  return CheckNumber(parameter.name, number, parameter.min, parameter.max);
}

absl::Status CheckLoss(const Loss& loss) {
  std::vector<absl::string_view> names;
  for (const LossInfo& known : KnownLosses()) names.push_back(known.name);
  if (absl::Status status = CheckWord("loss", loss.name, names); !status.ok()) return status;
  const LossInfo& info = *FindLoss(loss.name);
  for (const auto& [name, value] : loss.parameters) {
    if (info.FindParameter(name) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("loss ", info.name, " has no parameter `", name, "`"));
    }
  }
  for (const LossParameter& parameter : info.parameters) {
    const auto found = loss.parameters.find(std::string(parameter.name));
    if (found == loss.parameters.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("`", parameter.name, "` of loss ", info.name, " is missing"));
    }
    if (absl::Status status = CheckLossParameter(parameter, found->second); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("loss ", info.name, ": ", status.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace firstguess
