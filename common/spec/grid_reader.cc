#include "common/spec/grid_reader.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/spec/axis_reader.h"
#include "common/spec/map_reader.h"
#include "common/spec/section_keys.h"

namespace firstguess {
namespace {

using Kind = YamlNode::Kind;

constexpr uint64_t kMostCells = 1'000'000'000'000;
constexpr size_t kMostGrids = 64;

// Reads one grid of a sweep into the last of `read.grids`.
class GridReader {
 public:
  GridReader(GridsRead& read, ReadContext& context)
      : read_(read), grid_(read.grids.emplace_back()), context_(context) {}

  void Read(const YamlNode& node) {
    for (const YamlNode::Entry* entry : ReadEntries(node, context_)) {
      if (entry->key == "zip") {
        ReadZips(*entry);
      } else if (const Field* field = FieldOf(*entry)) {
        Add(*field, ReadAxis(*field, entry->value, context_));
      }
    }
  }

 private:
  // The field of an entry that may be an axis, with its places.
  const Field* FieldOf(const YamlNode::Entry& entry) {
    const Field* field = ReadFieldKey(entry, SpecMap::kGrid, read_.mentioned, context_.errors);
    if (field == nullptr) return nullptr;
    const auto [first, is_new] = grid_.keys.emplace(entry.key, entry.place);
    if (!is_new) {
      context_.errors.Add(entry.place, absl::StrCat("`", entry.key, "` is on two axes, first on ",
                                                    "line ", first->second.line));
      return nullptr;
    }
    grid_.values.emplace(entry.key, entry.value.place);
    return field;
  }

  void Add(const Field& field, std::optional<Axis> axis) {
    if (axis.has_value()) {
      grid_.product.axes.push_back(*std::move(axis));
    } else {
      read_.invalid.insert(std::string(field.name));
    }
  }

  void ReadZips(const YamlNode::Entry& zip) {
    if (zip.value.kind != Kind::kSequence) return ReadZip(zip.value, zip.place);
    for (const YamlNode& item : zip.value.items) ReadZip(item, item.place);
  }

  void ReadZip(const YamlNode& node, Place place) {
    if (!IsMap(node, "`zip`", context_)) return;
    std::vector<Column> columns;
    bool valid = true;
    for (const YamlNode::Entry* entry : ReadEntries(node, context_)) {
      const Field* field = FieldOf(*entry);
      if (field == nullptr) {
        valid = false;
        continue;
      }
      std::optional<Column> column = ReadColumn(*field, entry->value, context_);
      if (column.has_value()) {
        columns.push_back(*std::move(column));
      } else {
        read_.invalid.insert(entry->key);
        valid = false;
      }
    }
    if (!valid) return;
    if (columns.empty()) {
      context_.errors.Add(place, "`zip` is empty: list the fields that run together");
    } else if (CheckZipped(columns, place, context_)) {
      grid_.product.axes.emplace_back(std::move(columns));
    } else {
      for (const Column& column : columns) read_.invalid.insert(column.field());
    }
  }

  GridsRead& read_;
  GridRead& grid_;
  ReadContext& context_;
};

void CheckCells(const GridsRead& read, Place place, ReadContext& context) {
  uint64_t cells = 0;
  for (const GridRead& grid : read.grids) {
    uint64_t product = 1;
    for (const Axis& axis : grid.product.axes) {
      // Never beyond 64 bits: kMostCells + 1 stands for all that is more.
      product = axis.size() > kMostCells / product ? kMostCells + 1 : product * axis.size();
    }
    cells += product;
  }
  if (cells > kMostCells) context.errors.Add(place, "`grid` has more than 10^12 cells");
}

}  // namespace

GridsRead ReadGrids(const YamlNode& node, Place place, ReadContext& context) {
  GridsRead read;
  if (node.kind != Kind::kSequence) {
    if (IsMap(node, "`grid`", context)) GridReader(read, context).Read(node);
  } else if (node.items.empty()) {
    context.errors.Add(node.place, "`grid` is an empty list: write {} for a single trial");
  } else if (node.items.size() > kMostGrids) {
    context.errors.Add(node.place, absl::StrCat("`grid` has ", node.items.size(),
                                                " grids: at most ", kMostGrids, " may be united"));
  } else {
    for (const YamlNode& item : node.items) {
      if (IsMap(item, "each of the list under `grid`", context)) {
        GridReader(read, context).Read(item);
      }
    }
  }
  CheckCells(read, place, context);
  return read;
}

}  // namespace firstguess
