#include "coordinator/grid/grid.h"

#include <utility>

namespace firstguess {

Grid::Grid(std::shared_ptr<const Sweep> sweep) : sweep_(std::move(sweep)) {
  for (const Axis& axis : sweep_->axes) {
    fields_.push_back(FindField(axis.field()));
    cells_ *= axis.size();
  }
}

TrialConfig Grid::ConfigAt(uint64_t cell) const {
  TrialConfig config = sweep_->base;
  for (size_t i = fields_.size(); i > 0; --i) {
    const Axis& axis = sweep_->axes[i - 1];
    // The parser has checked every value of every axis.
    SetField(config, *fields_[i - 1], axis.at(cell % axis.size())).IgnoreError();
    cell /= axis.size();
  }
  return config;
}

std::optional<uint64_t> Grid::CellOf(const TrialConfig& config) const {
  uint64_t cell = 0;
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Axis& axis = sweep_->axes[i];
    const std::optional<uint64_t> position = axis.Find(GetField(config, *fields_[i]));
    if (!position.has_value()) return std::nullopt;
    cell = cell * axis.size() + *position;
  }
  // The fields off the axes must agree too.
  if (ConfigAt(cell) != config) return std::nullopt;
  return cell;
}

}  // namespace firstguess
