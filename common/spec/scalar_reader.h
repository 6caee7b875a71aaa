#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/spec/fields.h"
#include "common/spec/losses.h"
#include "common/spec/spec_errors.h"
#include "common/spec/yaml_tree.h"

namespace firstguess {

// What the readers of one sweep file share.
struct ReadContext {
  SpecErrors& errors;
  // Values that axes may still list, over the whole file: a short text must not take much memory.
  // Ranges of integers are not listed.
  uint64_t listed_values_left = 1'000'000;
};

// The type of one scalar in a sweep file: of a trial field, or of a parameter of a loss.
struct ScalarType {
  absl::string_view name;
  FieldType type = FieldType::kReal;  // not kLoss
  std::function<absl::Status(const FieldValue&)> check;
  // Of a field whose words have one spelling (fields.h); null of others.
  absl::StatusOr<std::string> (*canonical)(absl::string_view text) = nullptr;
  bool is_list = false;

  static ScalarType Of(const Field& field);
  static ScalarType Of(const LossParameter& parameter);
};

// A value with the place that errors about it name.
struct PlacedValue {
  FieldValue value;
  Place place;
};

// Each reader returns nothing after it added an error, or silently for a node whose error is known.

// One value of `type`; -0 is 0.
std::optional<FieldValue> ReadScalar(const ScalarType& type, const YamlNode& node,
                                     ReadContext& context);

// Text, quoted or not, of a setting called `name`.
std::optional<std::string> ReadText(absl::string_view name, const YamlNode& node,
                                    ReadContext& context);

}  // namespace firstguess
