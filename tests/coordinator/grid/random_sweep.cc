#include "tests/coordinator/grid/random_sweep.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace firstguess {
namespace {

std::vector<Axis> AllAxes() {
  Loss blurry{.name = "blurry", .parameters = {{"gamma", 0.5}, {"gradient", std::string("full")}}};
  return {
      Axis("width", Values({int64_t{16}, int64_t{32}, int64_t{48}, int64_t{64}})),
      Axis("depth", Axis::Range{.first = 1, .step = 2, .count = 3}),
      Axis("steps", Values({int64_t{0}, int64_t{10}, int64_t{1000}})),
      Axis("points", Values({int64_t{4}, int64_t{40}})),
      Axis("dataset", Values({std::string("fashion-mnist"), std::string("mnist")})),
      Axis("groups", Values({std::string(), std::string("confusion,logits")})),
      Axis("data_seed", Axis::Range{.first = 0, .step = 1, .count = 3}),
      Axis("optimizer", Values({std::string("sgd"), std::string("adam")})),
      Axis("loss", Values({Loss{}, blurry})),
      Axis("learning_rate", Values({0.01, 0.05, 0.1})),
      Axis("init_scale", Values({0.5, 1.0, 2.0})),
      Axis("label_noise", Values({0.0, 0.2})),
      Axis("seed", Axis::Range{.first = 5, .step = 3, .count = 4}),
  };
}

}  // namespace

std::shared_ptr<const Sweep> RandomSweep(std::mt19937_64& random) {
  auto sweep = std::make_shared<Sweep>();
  sweep->name = "random";
  sweep->base.dataset = "fashion-mnist";
  sweep->base.steps = 100;
  std::vector<Axis> axes = AllAxes();
  std::shuffle(axes.begin(), axes.end(), random);
  axes.erase(axes.begin() + static_cast<int64_t>(random() % 7), axes.end());
  sweep->axes = std::move(axes);
  sweep->pack.max_trials = 1 + static_cast<int64_t>(random() % 9);
  if (random() % 2 == 0) sweep->pack.max_flops = 1e8;
  return sweep;
}

}  // namespace firstguess
