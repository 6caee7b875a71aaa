#include "tests/coordinator/grid/random_sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "coordinator/grid/sample.h"

namespace firstguess {
namespace {

std::vector<Axis> AllAxes() {
  Loss blurry{.name = "blurry", .parameters = {{"gamma", 0.5}, {"gradient", std::string("full")}}};
  return {
      Axis("width", Values({int64_t{16}, int64_t{32}, int64_t{48}, int64_t{64}})),
      Axis("depth", Column::Range{.first = 1, .step = 2, .count = 3}),
      Axis("steps", Values({int64_t{0}, int64_t{10}, int64_t{1000}})),
      Axis("points", Values({int64_t{4}, int64_t{40}})),
      Axis("dataset", Values({std::string("fashion-mnist"), std::string("mnist")})),
      Axis("groups", Values({std::string(), std::string("confusion,logits")})),
      Axis("data_seed", Column::Range{.first = 0, .step = 1, .count = 3}),
      Axis("optimizer", Values({std::string("sgd"), std::string("adam")})),
      Axis("loss", Values({Loss{}, blurry})),
      Axis("learning_rate", Values({0.01, 0.05, 0.1})),
      Axis("init_scale", Values({0.5, 1.0, 2.0})),
      Axis("label_noise", Values({0.0, 0.2})),
      Axis("seed", Column::Range{.first = 5, .step = 3, .count = 4}),
  };
}

// Two axes with as many values run together, one time in two.
void Zip(std::vector<Axis>& axes, std::mt19937_64& random) {
  for (size_t i = 0; i < axes.size(); ++i) {
    for (size_t j = i + 1; j < axes.size(); ++j) {
      if (axes[i].size() != axes[j].size() || random() % 2 == 0) continue;
      std::vector<Column> columns = axes[i].columns();
      columns.insert(columns.end(), axes[j].columns().begin(), axes[j].columns().end());
      axes[i] = Axis(std::move(columns));
      axes.erase(axes.begin() + static_cast<int64_t>(j));
      return;
    }
  }
}

AxisProduct RandomGrid(size_t most_axes, std::mt19937_64& random) {
  std::vector<Axis> axes = AllAxes();
  std::shuffle(axes.begin(), axes.end(), random);
  axes.erase(axes.begin() + static_cast<int64_t>(random() % (most_axes + 1)), axes.end());
  Zip(axes, random);
  return {.axes = std::move(axes)};
}

// Some values of some fields of one grid.
Exclude RandomExclude(const AxisProduct& grid, std::mt19937_64& random) {
  Exclude exclude;
  for (const Axis& axis : grid.axes) {
    for (const Column& column : axis.columns()) {
      if (random() % 3 > 0) continue;
      std::vector<FieldValue> values = {column.at(random() % column.size())};
      if (random() % 3 == 0) values.push_back(column.at(random() % column.size()));
      exclude.columns.emplace_back(column.field(), std::move(values));
    }
  }
  return exclude;
}

void AddExcludes(Sweep& sweep, std::mt19937_64& random) {
  for (uint64_t left = random() % 4; left > 0; --left) {
    Exclude exclude = RandomExclude(sweep.grids[random() % sweep.grids.size()], random);
    if (!exclude.columns.empty()) sweep.excludes.push_back(std::move(exclude));
  }
}

void AddSample(Sweep& sweep, std::mt19937_64& random) {
  const bool is_sobol = sweep.grids.size() == 1 && random() % 2 == 0;
  sweep.sample = {.count = 1 + static_cast<int64_t>(random() % (sweep.raw_cells() / 3 + 1)),
                  .method = is_sobol ? Sample::Method::kSobol : Sample::Method::kRandom,
                  .seed = static_cast<int64_t>(random() % 5)};
}

}  // namespace

std::shared_ptr<Sweep> SweepOf(std::vector<Axis> axes) {
  auto sweep = std::make_shared<Sweep>();
  sweep->base.dataset = "mnist";
  sweep->base.steps = 10;
  sweep->grids = {{.axes = std::move(axes)}};
  return sweep;
}

std::shared_ptr<const Sweep> RandomSweep(std::mt19937_64& random) {
  for (;;) {
    auto sweep = std::make_shared<Sweep>();
    sweep->name = "random";
    sweep->base.dataset = "fashion-mnist";
    sweep->base.steps = 100;
    const uint64_t grids = random() % 2 == 0 ? 1 : 1 + random() % 3;
    sweep->grids.clear();
    for (uint64_t i = 0; i < grids; ++i) {
      sweep->grids.push_back(RandomGrid(grids == 1 ? 5 : 3, random));
    }
    if (random() % 2 == 0) AddExcludes(*sweep, random);
    if (random() % 4 == 0) AddSample(*sweep, random);
    sweep->pack.max_trials = 1 + static_cast<int64_t>(random() % 9);
    if (random() % 2 == 0) sweep->pack.max_flops = 1e8;
    if (PackPlan::Make(sweep).ok()) return sweep;
  }
}

std::shared_ptr<const Sweep> Edited(const Sweep& sweep, std::mt19937_64& random) {
  for (;;) {
    auto edited = std::make_shared<Sweep>(sweep);
    if (edited->grids.size() > 1 && random() % 3 == 0) edited->grids.pop_back();
    std::shuffle(edited->grids.begin(), edited->grids.end(), random);
    for (AxisProduct& grid : edited->grids) {
      std::vector<Axis> axes;
      for (const Axis& axis : grid.axes) {
        std::vector<uint64_t> positions;
        for (uint64_t i = 0; i < axis.size(); ++i) {
          if (random() % 4 > 0) positions.push_back(i);
        }
        if (positions.empty()) positions.push_back(0);
        std::shuffle(positions.begin(), positions.end(), random);
        std::vector<Column> columns;
        for (const Column& column : axis.columns()) {
          std::vector<FieldValue> values;
          for (const uint64_t i : positions) values.push_back(column.at(i));
          columns.emplace_back(column.field(), std::move(values));
        }
        // What runs together may be free, and what has one value off the axes.
        if (columns.size() == 2 && positions.size() == 1 && random() % 2 == 0) {
          for (const Column& column : columns) axes.emplace_back(std::vector<Column>{column});
        } else {
          axes.emplace_back(std::move(columns));
        }
      }
      std::shuffle(axes.begin(), axes.end(), random);
      grid.axes = std::move(axes);
    }
    if (random() % 3 == 0) edited->excludes.clear();
    if (random() % 3 == 0) AddExcludes(*edited, random);
    edited->sample.reset();
    if (random() % 4 == 0) AddSample(*edited, random);
    if (PackPlan::Make(edited).ok()) return edited;
  }
}

PackPlan PlanOf(std::shared_ptr<const Sweep> sweep, const PackPlan* previous) {
  absl::StatusOr<PackPlan> plan = PackPlan::Make(std::move(sweep), previous);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *std::move(plan);
}

std::set<std::string> CellsOf(const std::shared_ptr<const Sweep>& sweep) {
  const Grid grid(sweep);
  std::set<uint64_t> drawn;
  if (sweep->sample.has_value()) {
    const std::vector<uint64_t> cells = *DrawCells(grid);
    drawn.insert(cells.begin(), cells.end());
  }
  std::set<std::string> found;
  for (uint64_t cell = 0; cell < grid.cells(); ++cell) {
    const TrialConfig config = grid.ConfigAt(cell);
    if (IsExcluded(*sweep, config)) continue;
    if (sweep->sample.has_value() && !drawn.contains(cell)) continue;
    found.insert(CanonicalJson(config));
  }
  return found;
}

}  // namespace firstguess
