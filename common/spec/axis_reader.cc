#include "common/spec/axis_reader.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/loss_reader.h"
#include "common/spec/values_reader.h"

namespace firstguess {
namespace {

// Positions of one axis are looked up one by one where grids are compared.
constexpr uint64_t kMostZipped = 100'000;

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

bool IsUnlisted(const Field& field, const YamlNode& node) {
  return field.type() == FieldType::kInteger && IsRange(node);
}

std::optional<Column> ReadUnlisted(const Field& field, const YamlNode& node, ReadContext& context) {
  const std::optional<Column::Range> range = ReadRange(ScalarType::Of(field), node, context);
  if (!range.has_value()) return std::nullopt;
  return Column(std::string(field.name), *range);
}

std::optional<std::vector<PlacedValue>> ReadListed(const Field& field, const YamlNode& node,
                                                   ReadContext& context) {
  return field.type() == FieldType::kLoss ? ReadLossAxis(node, context)
                                          : ReadValues(ScalarType::Of(field), node, context);
}

Column Listed(const Field& field, std::vector<PlacedValue> placed) {
  std::vector<FieldValue> values;
  values.reserve(placed.size());
  for (PlacedValue& value : placed) values.push_back(std::move(value.value));
  return Column(std::string(field.name), std::move(values));
}

}  // namespace

std::optional<Column> ReadColumn(const Field& field, const YamlNode& node, ReadContext& context) {
  if (IsUnlisted(field, node)) return ReadUnlisted(field, node, context);
  std::optional<std::vector<PlacedValue>> placed = ReadListed(field, node, context);
  if (!placed.has_value()) return std::nullopt;
  return Listed(field, *std::move(placed));
}

std::optional<Axis> ReadAxis(const Field& field, const YamlNode& node, ReadContext& context) {
  if (IsUnlisted(field, node)) {
    std::optional<Column> column = ReadUnlisted(field, node, context);
    if (!column.has_value()) return std::nullopt;
    return Axis({*std::move(column)});
  }
  std::optional<std::vector<PlacedValue>> placed = ReadListed(field, node, context);
  if (!placed.has_value() || !CheckDistinct(field, *placed, context)) return std::nullopt;
  return Axis({Listed(field, *std::move(placed))});
}

bool CheckZipped(const std::vector<Column>& columns, Place place, ReadContext& context) {
  const uint64_t size = columns.front().size();
  for (const Column& column : columns) {
    if (column.size() == size) continue;
    context.errors.Add(
        place, absl::StrCat("`zip` runs its fields together, so they need as many values each: `",
                            columns.front().field(), "` has ", size, ", `", column.field(),
                            "` has ", column.size()));
    return false;
  }
  if (size > kMostZipped) {
    context.errors.Add(place, absl::StrCat("`zip` has ", size, " positions: at most ", kMostZipped,
                                           " may run together"));
    return false;
  }
  absl::flat_hash_set<std::string> seen;
  for (uint64_t i = 0; i < size; ++i) {
    const std::string text = absl::StrJoin(columns, ", ", [i](std::string* out, const Column& c) {
      absl::StrAppend(out, c.field(), " ", ToText(c.at(i)));
    });
    if (seen.insert(text).second) continue;
    context.errors.Add(
        place, absl::StrCat("the positions of `zip` must differ: ", text, " is there twice"));
    return false;
  }
  return true;
}

}  // namespace firstguess
