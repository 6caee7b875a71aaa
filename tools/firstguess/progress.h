#pragma once

#include <memory>

#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "tools/firstguess/sweep_numbers.h"
#include "tools/firstguess/terminal.h"

namespace firstguess {

// How a person or a program follows a sweep. Thread-compatible.
class Progress {
 public:
  virtual ~Progress() = default;

  // The numbers of now. May be called at any rate.
  virtual void Update(const SweepNumbers& numbers) = 0;
  // Something worth a line of its own, which stays.
  virtual void Note(absl::string_view text) = 0;
  // Shows the last numbers, whatever the rate. Nothing may follow.
  virtual void Finish() = 0;
};

// One line, redrawn at most ten times a second, as wide as the terminal. `terminal` and `clock`
// outlive it; so for the others.
std::unique_ptr<Progress> MakeLineProgress(Terminal* terminal, Clock* clock);

// For logs and pipes: a line at each tenth of the sweep, and otherwise at most one every 10 s.
std::unique_ptr<Progress> MakePlainProgress(Terminal* terminal, Clock* clock);

// One JSON object a line: {"event": "progress", …} at most five times a second, and
// {"event": "note", "text": …}.
std::unique_ptr<Progress> MakeJsonProgress(Terminal* terminal, Clock* clock);

// The one that fits.
std::unique_ptr<Progress> MakeProgress(Terminal* terminal, Clock* clock, bool json);

}  // namespace firstguess
