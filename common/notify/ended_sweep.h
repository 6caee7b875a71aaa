#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace firstguess {

// What is told of a sweep that has ended.
struct EndedSweep {
  std::string name = "";
  int64_t revision = 1;
  std::string state = "";  // done or cancelled
  int64_t cells = 0;
  int64_t done = 0;
  int64_t failed = 0;
  int64_t cancelled = 0;
  int64_t diverged = 0;    // part of done
  double created_at = 0;   // Unix seconds
  double finished_at = 0;  // Unix seconds

  // One object in one line: {"event": "sweep_finished", "sweep": …, "wall_seconds": …}.
  std::string ToJson() const;

  // The same facts as an environment: "FIRSTGUESS_SWEEP=…", "FIRSTGUESS_STATE=…" and so on.
  std::vector<std::string> ToEnvironment() const;
};

}  // namespace firstguess
