#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/rows.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

// Failed trials of a sweep that ended alike.
struct FailureGroup {
  std::string failure_class;
  std::string message;
  int64_t trials = 0;
  std::string worker;    // of the latest
  std::string log_tail;  // of the latest: the end of what its trainer printed, if it did
};

struct SweepDetails {
  SweepNumbers numbers;
  std::string spec;                    // the file's text as submitted
  std::vector<FailureGroup> failures;  // most trials first
};

// What list, show and query read from: a database file or a live coordinator.
// Thread-compatible.
class SweepSource {
 public:
  virtual ~SweepSource() = default;

  virtual absl::StatusOr<std::vector<SweepNumbers>> List() = 0;
  // NotFound names the sweeps that there are.
  virtual absl::StatusOr<SweepDetails> Get(const std::string& name) = 0;
  // Runs one read-only SQL statement. InvalidArgument: what SQLite says against it.
  virtual absl::Status Query(const std::string& sql, RowSink* sink) = 0;

  // What an error of the above means for the person.
  virtual Failure Explain(const absl::Status& status) const = 0;
};

// Asks the coordinator; connects at the first call. InvalidArgument: not an address.
absl::StatusOr<std::unique_ptr<SweepSource>> OpenServiceSource(const std::string& address,
                                                               const CallerSecurity& security);

}  // namespace firstguess
