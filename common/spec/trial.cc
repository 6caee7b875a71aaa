#include "common/spec/trial.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "common/spec/canonical_json.h"
#include "common/spec/fields.h"

namespace firstguess {
namespace {

constexpr absl::string_view kFormatVersion = "1";

// A member of the canonical object: a field, or one of the two that are not fields themselves.
struct CanonicalMember {
  absl::string_view key;
  const Field* field;
};

// In canonical order: the keys are ASCII, so the order of bytes is that of UTF-16 code units.
std::vector<CanonicalMember> MakeMembers() {
  std::vector<CanonicalMember> members = {{"format_version", nullptr}, {"loss_params", nullptr}};
  for (const Field& field : TrialFields()) members.push_back({field.name, &field});
  std::sort(members.begin(), members.end(),
            [](const CanonicalMember& a, const CanonicalMember& b) { return a.key < b.key; });
  return members;
}

void AppendField(const TrialConfig& config, const Field& field, std::string* out) {
  switch (field.type()) {
    case FieldType::kInteger:
      absl::StrAppend(out, config.*std::get<int64_t TrialConfig::*>(field.member));
      break;
    case FieldType::kReal:
      AppendJsonNumber(config.*std::get<double TrialConfig::*>(field.member), out);
      break;
    case FieldType::kWord:
      AppendJsonString(config.*std::get<std::string TrialConfig::*>(field.member), out);
      break;
    case FieldType::kLoss:
      AppendJsonString((config.*std::get<Loss TrialConfig::*>(field.member)).name, out);
      break;
  }
}

}  // namespace

std::string LossParametersJson(const Loss& loss) {
  std::string out = "{";
  absl::string_view separator = "";
  for (const auto& [name, value] : loss.parameters) {
    absl::StrAppend(&out, std::exchange(separator, ","));
    AppendJsonString(name, &out);
    out.push_back(':');
    if (const double* number = std::get_if<double>(&value)) {
      AppendJsonNumber(*number, &out);
    } else {
      AppendJsonString(std::get<std::string>(value), &out);
    }
  }
  out.push_back('}');
  return out;
}

std::string CanonicalJson(const TrialConfig& config) {
  static const auto* const members = new std::vector<CanonicalMember>(MakeMembers());
  std::string out = "{";
  absl::string_view separator = "";
  for (const CanonicalMember& member : *members) {
    if (member.field != nullptr && !member.field->IsWritten(config)) continue;
    absl::StrAppend(&out, std::exchange(separator, ","), "\"", member.key, "\":");
    if (member.field != nullptr) {
      AppendField(config, *member.field, &out);
    } else {
      out.append(member.key == "loss_params" ? LossParametersJson(config.loss)
                                             : std::string(kFormatVersion));
    }
  }
  out.push_back('}');
  return out;
}

std::string TrialKey(const TrialConfig& config) { return Sha256Hex(CanonicalJson(config)); }

}  // namespace firstguess
