// Every order of events in small worlds, to a bound: breadth first, worlds that are alike only
// once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/state/small_world.h"

namespace firstguess {
namespace {

using Action = SmallWorld::Action;

// Where the compiler doesn't optimise, one event and one hazard less: either way it is a matter of
// seconds.
#ifdef NDEBUG
constexpr int kShallower = 0;
#else
constexpr int kShallower = 1;
#endif

// A world that was seen. The state machine can't be copied, so what led to it is kept instead, as
// the last action and the world before it.
struct Visited {
  int64_t before = -1;
  Action action;
  std::vector<int64_t> after;  // one for each action that is possible in it
};

class Exploration {
 public:
  // FIRSTGUESS_DEEPER=n looks n events further; each is about ten times as long.
  Exploration(SmallWorld::Start start, int depth)
      : start_(std::move(start)), depth_(depth - kShallower) {
    start_.hazards -= kShallower;
    if (const char* deeper = std::getenv("FIRSTGUESS_DEEPER")) depth_ += std::atoi(deeper);
  }

  void Run() {
    const SmallWorld first(start_);
    Visit(first, {});
    for (size_t layer_begin = 0, depth = 0; depth < static_cast<size_t>(depth_); ++depth) {
      const size_t layer_end = visited_.size();
      for (size_t id = layer_begin; id < layer_end; ++id) {
        Expand(static_cast<int64_t>(id), depth + 1 == static_cast<size_t>(depth_));
        if (testing::Test::HasFatalFailure()) return;
      }
      layer_begin = layer_end;
    }
    std::cout << visited_.size() << " worlds, " << Schedules() << " schedules of " << depth_
              << " events, " << finished_ << " ends\n";
  }

 private:
  // Tries everything that is possible in the world, and gives those an end that no one goes on
  // from.
  void Expand(int64_t id, bool is_last) {
    std::optional<SmallWorld> world = Repeat(id);
    for (const Action& action : world->Possible()) {
      if (!world.has_value()) world = Repeat(id);
      world->Do(action);
      const size_t known = visited_.size();
      const int64_t next = Visit(*world, {.before = id, .action = action, .after = {}});
      visited_[static_cast<size_t>(id)].after.push_back(next);
      if (is_last && visited_.size() > known && !testing::Test::HasFatalFailure()) {
        world->Finish();
        ++finished_;
      }
      if (testing::Test::HasFatalFailure()) FAIL() << Story(next);
      if (next != id) world.reset();
    }
  }

  int64_t Visit(const SmallWorld& world, Visited visited) {
    const auto next = static_cast<int64_t>(visited_.size());
    const auto [known, is_new] = ids_.try_emplace(std::hash<std::string>()(world.Describe()), next);
    if (is_new) visited_.push_back(std::move(visited));
    return known->second;
  }

  std::vector<Action> PathTo(int64_t id) const {
    std::vector<Action> path;
    for (; visited_[static_cast<size_t>(id)].before >= 0;
         id = visited_[static_cast<size_t>(id)].before) {
      path.push_back(visited_[static_cast<size_t>(id)].action);
    }
    std::reverse(path.begin(), path.end());
    return path;
  }

  SmallWorld Repeat(int64_t id) const {
    SmallWorld world(start_, /*checking=*/false);
    for (const Action& action : PathTo(id)) world.Do(action);
    world.set_checking(true);
    return world;
  }

  std::string Story(int64_t id) const {
    std::string story = "after:";
    for (const Action& action : PathTo(id)) absl::StrAppend(&story, "\n  ", DescribeAction(action));
    return story;
  }

  // Orders of events that the worlds stand for.
  double Schedules() const {
    std::vector<double> ways(visited_.size());
    ways[0] = 1;
    for (int event = 0; event < depth_; ++event) {
      std::vector<double> next(visited_.size());
      for (size_t id = 0; id < visited_.size(); ++id) {
        for (const int64_t after : visited_[id].after) {
          next[static_cast<size_t>(after)] += ways[id];
        }
      }
      ways = std::move(next);
    }
    double all = 0;
    for (const double one : ways) all += one;
    return all;
  }

  SmallWorld::Start start_;
  int depth_;
  std::vector<Visited> visited_;
  std::unordered_map<size_t, int64_t> ids_;
  int64_t finished_ = 0;
};

// Three packs: two of two trials, one of one. The second failure of a trial is final.
const char kPacks[] = "pack: {max_trials: 2}\nmax_attempts: 2\n";

TEST(SmallWorlds, WorkersAtWork) {
  Exploration({.specs = {SpecOf("s", 5, kPacks)}, .capacity = {1, 1}}, 4).Run();
}

TEST(SmallWorlds, FromTheFirstEventOn) {
  Exploration({.specs = {SpecOf("s", 3, kPacks)}, .capacity = {1, 1}, .at_work = false}, 6).Run();
}

TEST(SmallWorlds, ARestartedCoordinatorAndTheLeasesOfBefore) {
  Exploration({.specs = {SpecOf("s", 5, kPacks)}, .capacity = {1, 1}, .restarted = true}, 3).Run();
}

TEST(SmallWorlds, AWorkerThatHoldsLeasesAheadOfItsNeed) {
  Exploration({.specs = {SpecOf("s", 3, "pack: {max_trials: 1}\n")}, .capacity = {2, 1}}, 4).Run();
}

TEST(SmallWorlds, TwoSweepsThatShareTrials) {
  Exploration({.specs = {SpecOf("s", 3, kPacks), SpecOf("t", 3, kPacks, 1)}, .capacity = {1, 1}}, 4)
      .Run();
}

TEST(SmallWorlds, OneTrialAndAllThatCanGoWrong) {
  Exploration({.specs = {SpecOf("s", 1, kPacks)}, .capacity = {1, 1}, .hazards = 3}, 5).Run();
}

}  // namespace
}  // namespace firstguess
