#include "coordinator/grid/grid.h"

#include <algorithm>
#include <utility>

namespace firstguess {

Grid::Grid(std::shared_ptr<const Sweep> sweep) : sweep_(std::move(sweep)) {
  uint64_t first_cell = 0;
  for (const AxisProduct& product : sweep_->grids) {
    Part& part = parts_.emplace_back();
    part.product = &product;
    part.first_cell = first_cell;
    part.cells = product.cells();
    first_cell += part.cells;
    for (const Axis& axis : product.axes) {
      std::vector<const Field*>& fields = part.fields.emplace_back();
      for (const Column& column : axis.columns()) fields.push_back(FindField(column.field()));
      if (fields.size() > 1) part.zipped.emplace(part.fields.size() - 1, AxisIndex(axis));
    }
    for (const Field& field : TrialFields()) {
      if (product.Find(field.name) == nullptr) part.constants.push_back(&field);
    }
  }
}

TrialConfig Grid::ConfigAt(uint64_t cell) const {
  const auto behind =
      std::upper_bound(parts_.begin(), parts_.end(), cell,
                       [](uint64_t number, const Part& part) { return number < part.first_cell; });
  const Part& part = *(behind - 1);
  TrialConfig config = sweep_->base;
  cell -= part.first_cell;
  for (size_t i = part.fields.size(); i > 0; --i) {
    const Axis& axis = part.product->axes[i - 1];
    const uint64_t position = cell % axis.size();
    for (size_t c = 0; c < axis.columns().size(); ++c) {
      // The parser has checked every value of every axis.
      SetField(config, *part.fields[i - 1][c], axis.columns()[c].at(position)).IgnoreError();
    }
    cell /= axis.size();
  }
  return config;
}

std::optional<uint64_t> Grid::CellOf(const TrialConfig& config) const {
  for (size_t grid = 0; grid < parts_.size(); ++grid) {
    if (const std::optional<uint64_t> cell = CellIn(grid, config)) return cell;
  }
  return std::nullopt;
}

std::optional<uint64_t> Grid::Part::PositionOf(size_t axis, const TrialConfig& config) const {
  const auto index = zipped.find(axis);
  if (index == zipped.end()) {
    return product->axes[axis].columns().front().Find(GetField(config, *fields[axis].front()));
  }
  std::vector<FieldValue> values;
  for (const Field* field : fields[axis]) values.push_back(GetField(config, *field));
  // Positions of one axis differ as a whole.
  const std::vector<uint64_t> positions = index->second.Find(values);
  return positions.empty() ? std::nullopt : std::optional(positions.front());
}

std::optional<uint64_t> Grid::CellIn(size_t grid, const TrialConfig& config) const {
  const Part& part = parts_[grid];
  uint64_t cell = 0;
  for (size_t i = 0; i < part.fields.size(); ++i) {
    const std::optional<uint64_t> position = part.PositionOf(i, config);
    if (!position.has_value()) return std::nullopt;
    cell = cell * part.product->axes[i].size() + *position;
  }
  for (const Field* field : part.constants) {
    if (GetField(config, *field) != GetField(sweep_->base, *field)) return std::nullopt;
  }
  return part.first_cell + cell;
}

}  // namespace firstguess
