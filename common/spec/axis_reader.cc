#include "common/spec/axis_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/spec/loss_reader.h"
#include "common/spec/values_reader.h"

namespace firstguess {
namespace {

bool CheckDistinct(const Field& field, const std::vector<PlacedValue>& values,
                   ReadContext& context) {
  absl::flat_hash_set<std::string> seen;
  bool distinct = true;
  for (const PlacedValue& value : values) {
    std::string text = ToText(value.value);
    if (seen.contains(text)) {
      context.errors.Add(value.place, absl::StrCat("the values of `", field.name,
                                                   "` must differ: ", text, " is there twice"));
      distinct = false;
    }
    seen.insert(std::move(text));
  }
  return distinct;
}

}  // namespace

std::optional<Axis> ReadAxis(const Field& field, const YamlNode& node, ReadContext& context) {
  const std::string name(field.name);
  if (field.type() == FieldType::kInteger && IsRange(node)) {
    const std::optional<Axis::Range> range = ReadRange(ScalarType::Of(field), node, context);
    if (!range.has_value()) return std::nullopt;
    return Axis(name, *range);
  }
  std::optional<std::vector<PlacedValue>> placed =
      field.type() == FieldType::kLoss ? ReadLossAxis(node, context)
                                       : ReadValues(ScalarType::Of(field), node, context);
  if (!placed.has_value() || !CheckDistinct(field, *placed, context)) return std::nullopt;
  std::vector<FieldValue> values;
  values.reserve(placed->size());
  for (PlacedValue& value : *placed) values.push_back(std::move(value.value));
  return Axis(name, std::move(values));
}

}  // namespace firstguess
