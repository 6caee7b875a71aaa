#pragma once

#include <memory>

#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "tools/firstguess/terminal.h"
#include "tools/firstguess/watched.h"

namespace firstguess {

// How a person or a program follows sweeps. Thread-compatible.
class Progress {
 public:
  virtual ~Progress() = default;

  // The numbers of now. May be called at any rate.
  virtual void Update(const Watched& watched) = 0;
  // Something worth a line of its own, which stays.
  virtual void Note(absl::string_view text) = 0;
  // Shows the last numbers, whatever the rate. Nothing may follow.
  virtual void Finish() = 0;
};

// A line a sweep, and what is around them, redrawn at most ten times a second and broken between
// words as the terminal's width of that moment asks. `terminal` and `clock` outlive it; so for the
// others.
std::unique_ptr<Progress> MakeLineProgress(Terminal* terminal, Clock* clock);

// For logs and pipes: a line at each tenth of a sweep, and otherwise at most one every 10 s; what
// is around, when it changed.
std::unique_ptr<Progress> MakePlainProgress(Terminal* terminal, Clock* clock);

// One JSON object a line: {"event": "progress", …} at most five times a second for each sweep, and
// {"event": "note", "text": …}.
std::unique_ptr<Progress> MakeJsonProgress(Terminal* terminal, Clock* clock);

// The one that fits.
std::unique_ptr<Progress> MakeProgress(Terminal* terminal, Clock* clock, bool json);

}  // namespace firstguess
