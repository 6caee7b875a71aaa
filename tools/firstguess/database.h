#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/firstguess/estimate.h"
#include "tools/firstguess/sweep_source.h"

namespace firstguess {

// A database file, read-only, also while a coordinator writes it. Thread-compatible.
class Database : public SweepSource {
 public:
  // NotFound: no such file. FailedPrecondition or DataLoss: not a database of firstguess.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);

  // Whether a trial of this key exists, in whatever state.
  virtual absl::StatusOr<bool> HasTrial(const std::string& key) = 0;

  // Mean training time of each shape that has finished trials.
  virtual absl::StatusOr<std::vector<MeasuredShape>> MeasuredShapes() = 0;
};

}  // namespace firstguess
