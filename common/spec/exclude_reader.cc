#include "common/spec/exclude_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/spec/loss_reader.h"
#include "common/spec/map_reader.h"
#include "common/spec/section_keys.h"
#include "common/spec/values_reader.h"

namespace firstguess {
namespace {

using Kind = YamlNode::Kind;

constexpr size_t kMostExcludes = 64;

// The columns of all grids that have this field.
std::vector<const Column*> ColumnsOf(const Sweep& sweep, absl::string_view field) {
  std::vector<const Column*> columns;
  for (const AxisProduct& grid : sweep.grids) {
    if (const Column* column = grid.Find(field)) columns.push_back(column);
  }
  return columns;
}

// One value, several in a list, or one of the other forms of an axis.
std::optional<std::vector<PlacedValue>> ReadOneOrMore(const Field& field, const YamlNode& node,
                                                      ReadContext& context) {
  const ScalarType type = ScalarType::Of(field);
  const bool is_several =
      node.kind == Kind::kMap || (node.kind == Kind::kSequence && !field.is_list);
  if (is_several) return ReadValues(type, node, context);
  std::optional<FieldValue> value = ReadScalar(type, node, context);
  if (!value.has_value()) return std::nullopt;
  return std::vector<PlacedValue>{{.value = *std::move(value), .place = node.place}};
}

std::optional<Column> ReadMatch(const Field& field, const YamlNode& node,
                                const std::vector<const Column*>& columns, ReadContext& context) {
  std::optional<std::vector<PlacedValue>> placed = ReadOneOrMore(field, node, context);
  if (!placed.has_value()) return std::nullopt;
  std::vector<FieldValue> values;
  for (PlacedValue& value : *placed) {
    const bool is_there = std::any_of(columns.begin(), columns.end(), [&](const Column* column) {
      return column->Find(value.value).has_value();
    });
    if (!is_there) {
      context.errors.Add(value.place, absl::StrCat("`exclude` names `", field.name, "` ",
                                                   ToText(value.value), ", which no axis has"));
      return std::nullopt;
    }
    values.push_back(std::move(value.value));
  }
  return Column(std::string(field.name), std::move(values));
}

// The losses of all axes that fit one of the patterns in `node`.
std::optional<Column> ReadLossMatch(const YamlNode& node, const std::vector<const Column*>& columns,
                                    ReadContext& context) {
  const std::vector<YamlNode> items =
      node.kind == Kind::kSequence ? node.items : std::vector<YamlNode>{node};
  std::vector<FieldValue> values;
  absl::flat_hash_set<std::string> seen;
  for (const YamlNode& item : items) {
    const std::optional<LossPattern> pattern = ReadLossPattern(item, context);
    if (!pattern.has_value()) return std::nullopt;
    bool fits_any = false;
    for (const Column* column : columns) {
      for (uint64_t i = 0; i < column->size(); ++i) {
        FieldValue value = column->at(i);
        if (!pattern->Fits(std::get<Loss>(value))) continue;
        fits_any = true;
        if (seen.insert(ToText(value)).second) values.push_back(std::move(value));
      }
    }
    if (!fits_any) {
      context.errors.Add(item.place, "`exclude` names a loss that no axis has");
      return std::nullopt;
    }
  }
  return Column("loss", std::move(values));
}

std::optional<Exclude> ReadExclude(const YamlNode& node, const Sweep& sweep, ReadContext& context) {
  if (node.kind != Kind::kMap) {
    if (node.kind != Kind::kInvalid) {
      context.errors.Add(node.place, "each of `exclude` must be a map of fields to values");
    }
    return std::nullopt;
  }
  Exclude exclude;
  bool valid = true;
  absl::flat_hash_set<std::string> mentioned;
  for (const YamlNode::Entry* entry : ReadEntries(node, context)) {
    const Field* field = ReadFieldKey(*entry, SpecMap::kGrid, mentioned, context.errors);
    std::optional<Column> match;
    if (field != nullptr) {
      const std::vector<const Column*> columns = ColumnsOf(sweep, field->name);
      if (columns.empty()) {
        context.errors.Add(entry->place, absl::StrCat("`exclude` names `", field->name,
                                                      "`, which is on no axis of `grid`"));
      } else if (field->type() == FieldType::kLoss) {
        match = ReadLossMatch(entry->value, columns, context);
      } else {
        match = ReadMatch(*field, entry->value, columns, context);
      }
    }
    if (match.has_value()) exclude.columns.push_back(*std::move(match));
    valid = valid && match.has_value();
  }
  if (!valid) return std::nullopt;
  return exclude;
}

}  // namespace

std::vector<Exclude> ReadExcludes(const YamlNode& node, const Sweep& sweep, ReadContext& context) {
  std::vector<Exclude> excludes;
  if (node.kind == Kind::kInvalid || node.kind == Kind::kNull) return excludes;
  if (node.kind != Kind::kSequence) {
    context.errors.Add(node.place, "`exclude` must be a list, such as [{width: 128, depth: 4}]");
    return excludes;
  }
  if (node.items.size() > kMostExcludes) {
    context.errors.Add(node.place,
                       absl::StrCat("`exclude` has ", node.items.size(), " entries: at most ",
                                    kMostExcludes, " are allowed; one may list several values"));
    return excludes;
  }
  for (const YamlNode& item : node.items) {
    std::optional<Exclude> exclude = ReadExclude(item, sweep, context);
    if (!exclude.has_value()) continue;
    if (exclude->columns.empty()) {
      context.errors.Add(item.place, "an empty entry of `exclude` would leave no cell");
    } else {
      excludes.push_back(*std::move(exclude));
    }
  }
  return excludes;
}

}  // namespace firstguess
