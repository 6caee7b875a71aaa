#pragma once

#include <set>
#include <string>

#include "tools/firstguess/context.h"
#include "tools/firstguess/launch_options.h"
#include "tools/firstguess/launcher.h"

namespace firstguess {

// Tells what rounds of launching came to, in words or in JSON. Thread-compatible.
class LaunchRounds {
 public:
  // Both outlive it.
  LaunchRounds(const LaunchOptions* options, std::string log_dir, Context* context)
      : options_(options), log_dir_(std::move(log_dir)), context_(context) {}

  // Its notes, and itself; when supervised, after the first, only if it submitted something.
  void Tell(const Launcher::Round& round);
  // Once, while it lasts.
  void Note(const std::string& note);

 private:
  std::string InWords(const Launcher::Round& round) const;

  const LaunchOptions* const options_;
  const std::string log_dir_;
  Context* const context_;
  std::set<std::string> told_;
  bool told_once_ = false;
};

}  // namespace firstguess
