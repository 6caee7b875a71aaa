#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "coordinator/service/caller.h"

namespace firstguess {

// Lines about calls that were refused, ten a second at most: whoever is refused must not fill the
// disk. What is left out is counted. Thread-safe.
class RefusalLog {
 public:
  // `caller` is null when it is not known. A status has no secrets in it.
  void Add(absl::string_view method, const Caller* caller, const absl::Status& status)
      EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  absl::Duration second_ GUARDED_BY(mutex_) = -absl::InfiniteDuration();  // when it began
  int64_t lines_ GUARDED_BY(mutex_) = 0;                                  // in it
  int64_t left_out_ GUARDED_BY(mutex_) = 0;
};

}  // namespace firstguess
