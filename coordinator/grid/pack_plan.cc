#include "coordinator/grid/pack_plan.h"

#include <algorithm>
#include <utility>

#include "coordinator/grid/cost.h"

namespace firstguess {

absl::StatusOr<PackPlan> PackPlan::Make(std::shared_ptr<const Sweep> sweep,
                                        const PackPlan* previous, Rules rules) {
  absl::StatusOr<std::shared_ptr<const SweepCells>> own = SweepCells::Make(std::move(sweep));
  if (!own.ok()) return own.status();
  PackPlan plan(*std::move(own), rules);
  if (previous != nullptr) plan.filters_.push_back({.cells = previous->own_, .keep = false});
  uint64_t place = 0;
  uint64_t shape = 0;
  const std::vector<AxisProduct>& grids = plan.own_->sweep().grids;
  for (size_t grid = 0; grid < grids.size(); ++grid) {
    PlanOrder order(grids[grid]);
    absl::StatusOr<CellSet> all = SelectCells(order, *plan.own_, grid, {});
    if (!all.ok()) return all.status();
    plan.sweep_cells_ += all->size();
    if (previous != nullptr) {
      all = SelectCells(order, *plan.own_, grid, plan.filters_);
      if (!all.ok()) return all.status();
    }
    const uint64_t shapes = order.cells() / order.cells_per_shape();
    plan.parts_.push_back({.order = std::move(order),
                           .planned = *all,
                           .live = *all,
                           .first_cell = plan.grid().first_cell(grid),
                           .first_place = place,
                           .first_shape = shape});
    place = plan.parts_.back().place_end();
    shape += shapes;
  }
  if (plan.sweep_cells_ == 0) {
    return absl::InvalidArgumentError("`exclude` leaves no cell of `grid`");
  }
  return plan;
}

absl::StatusOr<PackPlan> PackPlan::Within(const PackPlan& later) const {
  PackPlan plan = *this;
  plan.filters_.push_back({.cells = later.own_, .keep = true});
  for (size_t grid = 0; grid < plan.parts_.size(); ++grid) {
    Part& part = plan.parts_[grid];
    absl::StatusOr<CellSet> live = SelectCells(part.order, *own_, grid, plan.filters_);
    if (!live.ok()) return live.status();
    part.live = *std::move(live);
  }
  return plan;
}

// The last grid that starts at `place` or before; grids without places are passed over.
const PackPlan::Part& PackPlan::PartAt(uint64_t place) const {
  const auto behind =
      std::upper_bound(parts_.begin(), parts_.end(), place,
                       [](uint64_t number, const Part& part) { return number < part.first_place; });
  return *(behind - 1);
}

const PackPlan::Part& PackPlan::PartOf(uint64_t cell) const {
  const auto behind =
      std::upper_bound(parts_.begin(), parts_.end(), cell,
                       [](uint64_t number, const Part& part) { return number < part.first_cell; });
  return *(behind - 1);
}

PackPlan::Pack PackPlan::PackAt(uint64_t place) const {
  const Taper taper = TaperOf(grid().ConfigAt(CellAt(place)));
  const uint64_t whole = place - (place - ShapeBegin(place)) % taper.whole;
  const uint64_t size = taper.PartSize(cells() - whole);
  const uint64_t first = place - (place - whole) % size;
  const uint64_t end = std::min(whole + taper.whole, ShapeEnd(place));
  return {.plan_index = first, .size = std::min(size, end - first)};
}

uint64_t PackPlan::CellAt(uint64_t place) const {
  const Part& part = PartAt(place);
  return part.first_cell + part.order.CellAt(part.PositionAt(place));
}

uint64_t PackPlan::PlaceOf(uint64_t cell) const {
  const Part& part = PartOf(cell);
  return part.first_place + part.planned.CountBefore(part.order.PositionOf(cell - part.first_cell));
}

bool PackPlan::IsLive(uint64_t cell) const {
  const Part& part = PartOf(cell);
  return part.live.Contains(part.order.PositionOf(cell - part.first_cell));
}

uint64_t PackPlan::NextLive(uint64_t place) const {
  for (const Part& part : parts_) {
    if (part.planned.size() == 0 || part.place_end() <= place) continue;
    const uint64_t from = std::max(place, part.first_place);
    const uint64_t before = part.live.CountBefore(part.PositionAt(from));
    if (before == part.live.size()) continue;
    return part.first_place + part.planned.CountBefore(part.live.at(before));
  }
  return cells();
}

uint64_t PackPlan::ShapeNumber(uint64_t place) const {
  const Part& part = PartAt(place);
  return part.first_shape + part.PositionAt(place) / part.order.cells_per_shape();
}

uint64_t PackPlan::ShapeBegin(uint64_t place) const {
  const Part& part = PartAt(place);
  return part.first_place + part.planned.CountBefore(part.ShapePosition(place));
}

uint64_t PackPlan::ShapeEnd(uint64_t place) const {
  const Part& part = PartAt(place);
  const uint64_t next = part.ShapePosition(place) + part.order.cells_per_shape();
  return part.first_place + part.planned.CountBefore(next);
}

uint64_t PackPlan::PacksOfShape(uint64_t place) const {
  const Taper taper = TaperOf(grid().ConfigAt(CellAt(place)));
  return taper.Packs(cells() - place, ShapeEnd(place) - place);
}

Taper PackPlan::TaperOf(const TrialConfig& config) const {
  const PackLimits& limits = own_->sweep().pack;
  const auto trials_of = [&](double flops) {
    const double affordable = flops / TrialFlops(config);
    // Compared before the cast: a double may not fit.
    if (affordable >= static_cast<double>(limits.max_trials)) {
      return static_cast<uint64_t>(limits.max_trials);
    }
    return std::max<uint64_t>(1, static_cast<uint64_t>(affordable));
  };
  const uint64_t whole = trials_of(limits.max_flops);
  return {.whole = whole,
          .smallest = rules_ == Rules::kEqual ? whole : trials_of(limits.max_flops / 16)};
}

}  // namespace firstguess
