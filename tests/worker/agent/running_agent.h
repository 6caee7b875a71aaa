#pragma once

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "worker/agent/agent.h"

namespace firstguess {

// An agent with fake trainers, running on a thread of its own.
class RunningAgent {
 public:
  // What an agent at this address is made of; `flags` are the fake trainer's. When it stops it
  // waits for nothing, as most tests leave something open at their end.
  static Agent::Options OptionsFor(const std::string& address,
                                   std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), FAKE_TRAINER);
    return {.coordinator = address,
            .name = "north",
            .labels = {"quick"},
            .trainer = std::move(flags),
            .build = "test",
            .stop_time = absl::ZeroDuration()};
  }

  explicit RunningAgent(Agent::Options options) : agent_(std::move(options)) {
    thread_ = std::thread([this] { result_ = agent_.Run(); });
  }
  ~RunningAgent() {
    agent_.RequestStop();
    if (thread_.joinable()) thread_.join();
  }

  void RequestStop() { agent_.RequestStop(); }
  void Preempt(absl::Duration left) { agent_.Preempt(left); }
  // Waits for its end; what Run returned.
  absl::Status Join() {
    thread_.join();
    return result_;
  }

 private:
  Agent agent_;
  absl::Status result_;
  std::thread thread_;
};

}  // namespace firstguess
