#pragma once

#include <cstdint>
#include <string>

#include "tools/firstguess/options.h"
#include "tools/firstguess/slurm/batch_script.h"
#include "tools/firstguess/slurm/wanted_jobs.h"

namespace firstguess {

// What is said to 'workers launch'.
struct LaunchOptions {
  bool json = false;
  std::string engine;
  WorkerJob job;
  LaunchLimits limits;
  int64_t max_pending = 0;  // 0: not said
  std::string batch_template;
  std::string worker_coordinator;
  CoordinatorOption coordinator;
  bool supervise = false;
  int64_t interval_seconds = 10;
  bool dry_run = false;
};

// All but --json, which every command has.
void AddLaunchOptions(CLI::App* command, LaunchOptions* options);

}  // namespace firstguess
