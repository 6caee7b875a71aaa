#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nlohmann/json.hpp"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {

// One sweep in numbers, from a database or from a coordinator:
// cells = done + failed + cancelled + leased + pending.
struct SweepNumbers {
  std::string name;
  int64_t revision = 1;
  std::string state;  // running paused cancelled done
  int64_t priority = 0;
  int64_t cells = 0;
  int64_t done = 0;
  int64_t failed = 0;
  int64_t cancelled = 0;
  int64_t leased = 0;
  int64_t pending = 0;
  int64_t diverged = 0;   // part of done
  double created_at = 0;  // Unix seconds
  std::optional<double> finished_at;

  // Only a coordinator knows these.
  double trials_per_second = 0;  // over the last minute
  std::optional<double> remaining_seconds;
  std::string waiting_reason;  // why nothing runs

  bool operator==(const SweepNumbers&) const = default;

  int64_t ended() const { return done + failed + cancelled; }
  bool all_ended() const { return state == "done" || state == "cancelled"; }
};

// What a command that waited for the sweep's end exits with.
ExitCode EndCode(const SweepNumbers& numbers);

// The members by their names; what is not known is null.
nlohmann::ordered_json ToJson(const SweepNumbers& numbers);

// "57 of 180 trials done, 2 failed, 1 in training, 120 waiting". Leaves out what is 0.
std::string InWords(const SweepNumbers& numbers);

}  // namespace firstguess
