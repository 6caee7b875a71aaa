#pragma once

#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess {

// A trial field that has no default: every sweep must say it.
struct RequiredField {
  absl::string_view name;
  absl::string_view advice;  // for a person whose sweep lacks it
};

// Static; thread-safe.
const std::vector<RequiredField>& RequiredFields();

bool IsRequired(absl::string_view field);

}  // namespace firstguess
