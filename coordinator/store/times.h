#pragma once

#include "absl/time/time.h"

namespace firstguess {

// Times as the database holds them: Unix seconds, UTC, to the microsecond.
inline double UnixSeconds(absl::Time time) {
  return static_cast<double>(absl::ToUnixMicros(time)) / 1e6;
}

inline absl::Time FromUnixSeconds(double seconds) {
  return absl::UnixEpoch() + absl::Microseconds(static_cast<int64_t>(seconds * 1e6 + 0.5));
}

}  // namespace firstguess
