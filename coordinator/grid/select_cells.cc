#include "coordinator/grid/select_cells.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "coordinator/grid/conditions.h"

namespace firstguess {
namespace {

constexpr uint64_t kMostCombinations = 1'000'000;

absl::Status TooMany() {
  return absl::InvalidArgumentError(
      "`exclude`, the list of grids and the revision before this one tell apart more than 10^6 "
      "combinations of values, too many to count the cells exactly: exclude ranges of neighbouring "
      "values, or make it a sweep of its own");
}

// Cells that fit one of `any_of` and none of `none_of`, wanted or not.
struct Region {
  std::vector<Conditions> any_of;
  std::vector<Conditions> none_of;
  bool keep = false;
};

void AddTerm(std::optional<Conditions> term, std::vector<Conditions>* terms) {
  if (term.has_value()) terms->push_back(*std::move(term));
}

// What a sweep says without its sample.
Region RegionOf(const ProductView& product, const Sweep& sweep, bool keep) {
  Region region = {.any_of = {}, .none_of = {}, .keep = keep};
  for (const AxisProduct& grid : sweep.grids) {
    AddTerm(ConditionsOf(product, grid, sweep.base), &region.any_of);
  }
  for (const Exclude& exclude : sweep.excludes) {
    AddTerm(ConditionsOf(product, exclude), &region.none_of);
  }
  return region;
}

// Cells that are excluded, or in a grid before this one.
Region NotOwn(const ProductView& product, const Sweep& sweep, size_t grid) {
  Region region;
  for (const Exclude& exclude : sweep.excludes) {
    AddTerm(ConditionsOf(product, exclude), &region.any_of);
  }
  for (size_t i = 0; i < grid; ++i) {
    AddTerm(ConditionsOf(product, sweep.grids[i], sweep.base), &region.any_of);
  }
  return region;
}

// The axes cut in runs of values that no condition tells apart, and which combinations of runs are
// wanted.
class Cut {
 public:
  Cut(const ProductView& product, std::vector<Region> regions) : regions_(std::move(regions)) {
    for (const Axis* axis : product.axes) bounds_.push_back({0, axis->size()});
  }

  absl::StatusOr<std::shared_ptr<const RunProduct>> Evaluate() {
    bool is_small = true;
    ForEachCondition(
        [&](const Condition& condition) { is_small = is_small && AddCuts(condition); });
    if (!is_small) return TooMany();
    uint64_t combinations = 1;
    for (std::vector<uint64_t>& bounds : bounds_) {
      std::sort(bounds.begin(), bounds.end());
      bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
      const uint64_t runs = bounds.size() - 1;
      if (runs > kMostCombinations / combinations) return TooMany();
      combinations *= runs;
    }
    ForEachCondition([this](const Condition& condition) { Tabulate(condition); });
    std::vector<bool> kept(combinations);
    std::vector<uint64_t> runs(bounds_.size());
    for (uint64_t c = 0; c < combinations; ++c) {
      uint64_t rest = c;
      for (size_t i = runs.size(); i > 0; --i) {
        const uint64_t count = bounds_[i - 1].size() - 1;
        runs[i - 1] = rest % count;
        rest /= count;
      }
      kept[c] = IsWanted(runs);
    }
    return std::make_shared<const RunProduct>(std::move(bounds_), kept);
  }

 private:
  // Where a condition holds, by runs: of one axis a table, of several the combinations.
  struct Table {
    std::vector<bool> holds;
    absl::flat_hash_set<std::vector<uint64_t>> combinations;
  };

  template <typename Function>
  void ForEachCondition(const Function& function) {
    for (const Region& region : regions_) {
      for (const auto* terms : {&region.any_of, &region.none_of}) {
        for (const Conditions& term : *terms) {
          for (const Condition& condition : term) function(condition);
        }
      }
    }
  }

  // False when there would be too many.
  bool AddCuts(const Condition& condition) {
    if (condition.axes.size() > 1) {
      if (condition.combinations.size() > kMostCombinations) return false;
      for (const std::vector<uint64_t>& combination : condition.combinations) {
        for (size_t i = 0; i < combination.size(); ++i) {
          bounds_[condition.axes[i]].push_back(combination[i]);
          bounds_[condition.axes[i]].push_back(combination[i] + 1);
        }
      }
      return true;
    }
    const IndexSet& positions = condition.positions;
    std::vector<uint64_t>& bounds = bounds_[condition.axes.front()];
    const uint64_t first = positions.at(0);
    const uint64_t last = positions.at(positions.size() - 1);
    if (last - first == positions.size() - 1) {
      bounds.push_back(first);
      bounds.push_back(last + 1);
      return true;
    }
    if (positions.size() > kMostCombinations) return false;
    for (uint64_t i = 0; i < positions.size(); ++i) {
      const uint64_t position = positions.at(i);
      if (i == 0 || positions.at(i - 1) + 1 != position) bounds.push_back(position);
      if (i + 1 == positions.size() || positions.at(i + 1) != position + 1) {
        bounds.push_back(position + 1);
      }
    }
    return true;
  }

  // In the order of ForEachCondition.
  void Tabulate(const Condition& condition) {
    Table& table = tables_.emplace_back();
    if (condition.axes.size() == 1) {
      const std::vector<uint64_t>& bounds = bounds_[condition.axes.front()];
      for (size_t run = 0; run + 1 < bounds.size(); ++run) {
        table.holds.push_back(condition.positions.Contains(bounds[run]));
      }
      return;
    }
    for (std::vector<uint64_t> runs : condition.combinations) {
      for (size_t i = 0; i < runs.size(); ++i) {
        const std::vector<uint64_t>& bounds = bounds_[condition.axes[i]];
        runs[i] = static_cast<uint64_t>(std::lower_bound(bounds.begin(), bounds.end(), runs[i]) -
                                        bounds.begin());
      }
      table.combinations.insert(std::move(runs));
    }
  }

  static bool Holds(const Condition& condition, const Table& table,
                    const std::vector<uint64_t>& runs) {
    if (condition.axes.size() == 1) return table.holds[runs[condition.axes.front()]];
    std::vector<uint64_t> chosen;
    for (const size_t axis : condition.axes) chosen.push_back(runs[axis]);
    return table.combinations.contains(chosen);
  }

  bool IsWanted(const std::vector<uint64_t>& runs) const {
    auto table = tables_.begin();
    for (const Region& region : regions_) {
      const bool fits_any = FitsAny(region.any_of, runs, &table);
      const bool fits_none = !FitsAny(region.none_of, runs, &table);
      if ((fits_any && fits_none) != region.keep) return false;
    }
    return true;
  }

  static bool FitsAny(const std::vector<Conditions>& terms, const std::vector<uint64_t>& runs,
                      std::vector<Table>::const_iterator* table) {
    bool fits_any = false;
    for (const Conditions& term : terms) {
      bool fits = true;
      for (const Condition& condition : term) {
        fits = fits && Holds(condition, **table, runs);
        ++*table;
      }
      fits_any = fits_any || fits;
    }
    return fits_any;
  }

  std::vector<Region> regions_;
  std::vector<std::vector<uint64_t>> bounds_;  // by axis
  std::vector<Table> tables_;                  // by condition
};

// Where in `order` the cells are that a sample of `other` drew, ascending.
std::vector<uint64_t> PositionsOf(const SweepCells& other, const PlanOrder& order,
                                  const SweepCells& own, size_t grid) {
  std::vector<uint64_t> positions;
  for (const uint64_t cell : *other.drawn()) {
    const std::optional<uint64_t> there = own.grid().CellIn(grid, other.grid().ConfigAt(cell));
    if (!there.has_value()) continue;
    positions.push_back(order.PositionOf(*there - own.grid().first_cell(grid)));
  }
  std::sort(positions.begin(), positions.end());
  return positions;
}

}  // namespace

absl::StatusOr<CellSet> SelectCells(const PlanOrder& order, const SweepCells& own, size_t grid,
                                    const std::vector<CellFilter>& filters) {
  const ProductView product = {.axes = order.axes(), .base = &own.sweep().base};
  std::vector<Region> regions = {NotOwn(product, own.sweep(), grid)};
  std::vector<CellFilter> drawn;  // filters that a sample has drawn
  for (const CellFilter& filter : filters) {
    if (filter.cells->drawn() != nullptr) {
      drawn.push_back(filter);
    } else {
      regions.push_back(RegionOf(product, filter.cells->sweep(), filter.keep));
    }
  }
  if (own.drawn() != nullptr) drawn.push_back({.cells = nullptr, .keep = true});
  const absl::StatusOr<std::shared_ptr<const RunProduct>> all =
      Cut(product, std::move(regions)).Evaluate();
  if (!all.ok()) return all.status();

  std::optional<std::vector<uint64_t>> kept;  // what the samples of all that keep have
  std::vector<uint64_t> removed;
  for (const CellFilter& filter : drawn) {
    const SweepCells& other = filter.cells == nullptr ? own : *filter.cells;
    std::vector<uint64_t> positions;
    for (const uint64_t position : PositionsOf(other, order, own, grid)) {
      if ((*all)->Contains(position)) positions.push_back(position);
    }
    std::vector<uint64_t> joined;
    if (!filter.keep) {
      std::set_union(removed.begin(), removed.end(), positions.begin(), positions.end(),
                     std::back_inserter(joined));
      removed = std::move(joined);
    } else if (kept.has_value()) {
      std::set_intersection(kept->begin(), kept->end(), positions.begin(), positions.end(),
                            std::back_inserter(joined));
      kept = std::move(joined);
    } else {
      kept = std::move(positions);
    }
  }
  if (!kept.has_value()) return CellSet(*all, removed);
  std::vector<uint64_t> listed;
  std::set_difference(kept->begin(), kept->end(), removed.begin(), removed.end(),
                      std::back_inserter(listed));
  return CellSet(std::move(listed));
}

}  // namespace firstguess
