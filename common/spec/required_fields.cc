#include "common/spec/required_fields.h"

namespace firstguess {

const std::vector<RequiredField>& RequiredFields() {
  static const auto* const fields = new std::vector<RequiredField>{
      {"dataset", "say what to train on"}, {"steps", "say under `train` how long to train"}};
  return *fields;
}

bool IsRequired(absl::string_view field) {
  for (const RequiredField& required : RequiredFields()) {
    if (required.name == field) return true;
  }
  return false;
}

}  // namespace firstguess
