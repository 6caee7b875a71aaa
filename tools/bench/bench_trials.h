#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/spec/trial.h"
#include "common/trajectory.h"

namespace firstguess {

// The trials that the benchmarks write: one configuration each, by seed, and one trajectory of
// plausible numbers, the same for all.

TrialConfig BenchConfig(int64_t seed);

// `snapshots` 0: a trial that measured nothing ("empty").
std::shared_ptr<const Trajectory> BenchTrajectory(int64_t snapshots, int64_t classes);

// A new folder for database files, removed with everything in it at the end of the scope. Under
// TMPDIR, or /tmp.
class BenchFolder {
 public:
  BenchFolder();
  ~BenchFolder();
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;

  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace firstguess
