#include "tools/bench/crowd.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/bench/require.h"
#include "tools/bench/simulated_workers.h"

namespace firstguess {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(1);

// Workers are looked at for what is due this often; their times are a hundred times as long.
constexpr absl::Duration kRound = absl::Milliseconds(10);

}  // namespace

Crowd::Crowd(const Options& options)
    : trajectory_(WireTrajectory(options.snapshots)), queue_(RealClock()) {
  for (int64_t i = 0; i < options.workers; ++i) {
    const double pace = options.spread ? 0.5 + static_cast<double>(i % 101) / 100 : 1;
    workers_.push_back(
        std::make_unique<CrowdWorker>(CrowdWorker::Options{.coordinator = options.coordinator,
                                                           .number = i,
                                                           .trial = options.trial * pace,
                                                           .trajectory = &trajectory_,
                                                           .clock = RealClock(),
                                                           .queue = &queue_,
                                                           .counts = &live_,
                                                           .begun = &begun_}));
  }
  thread_ = std::thread([this] { Run(); });
}

Crowd::~Crowd() {
  queue_.Post([this] {
    leaving_ = true;
    for (const auto& worker : workers_) worker->Leave();
  });
  thread_.join();
}

void Crowd::Run() {
  absl::Duration next_round = RealClock()->MonotonicNow();
  while (!leaving_ || std::any_of(workers_.begin(), workers_.end(),
                                  [](const auto& worker) { return worker->open(); })) {
    if (const EventQueue::Task task = queue_.Next(next_round)) task();
    const absl::Duration now = RealClock()->MonotonicNow();
    if (now < next_round) continue;
    next_round = now + kRound;
    for (const auto& worker : workers_) {
      if (now >= worker->NextDeadline()) worker->RunDue();
    }
    MutexLock lock(&mutex_);
    counts_ = live_;
    changed_.NotifyAll();
  }
}

CrowdCounts Crowd::counts() {
  MutexLock lock(&mutex_);
  return counts_;
}

CrowdCounts Crowd::Await(const std::string& what,
                         const std::function<bool(const CrowdCounts&)>& condition) {
  const absl::Duration end = RealClock()->MonotonicNow() + kPatience;
  MutexLock lock(&mutex_);
  while (!condition(counts_)) {
    const absl::Duration left = end - RealClock()->MonotonicNow();
    Require(left > absl::ZeroDuration(),
            absl::StrCat("not within a minute: ", what, "; connected ", counts_.connected,
                         ", stored ", counts_.stored, ", not acknowledged ", counts_.unsent));
    changed_.WaitFor(&mutex_, left);
  }
  return counts_;
}

}  // namespace firstguess
