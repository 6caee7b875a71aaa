#include "common/spec/sweep_values.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

bool IsAmong(absl::string_view field, const std::vector<absl::string_view>& fields) {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

// `all`, each once with every value together that the columns of a zipped axis have.
std::vector<CellValues> Times(const std::vector<CellValues>& all,
                              const std::vector<const Column*>& zipped) {
  std::vector<CellValues> product;
  absl::flat_hash_set<std::string> seen;
  for (uint64_t i = 0; i < zipped.front()->size(); ++i) {
    std::string key;
    for (const Column* column : zipped) absl::StrAppend(&key, ToText(column->at(i)), "\n");
    if (!seen.insert(std::move(key)).second) continue;
    for (CellValues cells : all) {
      // The parser has checked every value.
      for (const Column* column : zipped) {
        SetField(cells.base, *FindField(column->field()), column->at(i)).IgnoreError();
      }
      product.push_back(std::move(cells));
    }
  }
  return product;
}

}  // namespace

std::vector<CellValues> ValuesForCheck(const TrialConfig& base, const AxisProduct& grid,
                                       const std::vector<absl::string_view>& fields) {
  std::vector<CellValues> all = {{.base = base, .columns = {}}};
  for (const Axis& axis : grid.axes) {
    std::vector<const Column*> read;
    for (const Column& column : axis.columns()) {
      if (IsAmong(column.field(), fields)) read.push_back(&column);
    }
    if (read.size() > 1) {
      all = Times(all, read);
    } else if (read.size() == 1) {
      for (CellValues& cells : all) cells.columns.push_back(*read.front());
    }
  }
  return all;
}

Place PlaceOf(const std::vector<absl::string_view>& fields, const FieldPlaces& places) {
  for (const absl::string_view field : fields) {
    const auto found = places.find(std::string(field));
    if (found != places.end()) return found->second;
  }
  return {};
}

const Column* FindColumn(const CellValues& cells, absl::string_view field) {
  for (const Column& column : cells.columns) {
    if (column.field() == field) return &column;
  }
  return nullptr;
}

std::vector<FieldValue> ValuesOf(const CellValues& cells, absl::string_view field) {
  const Column* column = FindColumn(cells, field);
  if (column == nullptr) return {GetField(cells.base, *FindField(field))};
  if (column->range() != nullptr) return {column->at(0), column->at(column->size() - 1)};
  std::vector<FieldValue> values;
  for (uint64_t i = 0; i < column->size(); ++i) values.push_back(column->at(i));
  return values;
}

}  // namespace firstguess
