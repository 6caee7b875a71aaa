#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/sweep.h"
#include "gtest/gtest.h"

namespace firstguess {

// A valid sweep file, less its grid.
inline constexpr absl::string_view kHead =
    "name: s\n"
    "dataset: fashion-mnist\n"
    "train: {steps: 10}\n";

// The errors of a sweep file, one line each, without the path ("1:2: message").
inline std::vector<std::string> ErrorsOf(absl::string_view text) {
  const ParsedSweep parsed = ParseSweep(text, "s.yaml");
  EXPECT_EQ(parsed.sweep.has_value(), parsed.errors.empty());
  std::vector<std::string> errors;
  for (const SpecError& error : parsed.errors) {
    const std::string line = error.ToString();
    EXPECT_EQ(line.rfind("s.yaml:", 0), 0u) << line;
    errors.push_back(line.substr(7));
  }
  return errors;
}

// A sweep that must be valid.
inline Sweep Parsed(absl::string_view text) {
  ParsedSweep parsed = ParseSweep(text, "s.yaml");
  for (const SpecError& error : parsed.errors) ADD_FAILURE() << error.ToString();
  return parsed.sweep.value_or(Sweep());
}

// The values of a column as text.
inline std::vector<std::string> Values(const Column& column) {
  std::vector<std::string> values;
  for (uint64_t i = 0; i < column.size(); ++i) values.push_back(ToText(column.at(i)));
  return values;
}

}  // namespace firstguess
