#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firstguess {

// How many new connections one machine may make: some at once, then so many a second. It keeps
// whoever has no certificate from costing a handshake as often as they like. Thread-compatible.
class ConnectionRate {
 public:
  static constexpr double kAtOnce = 256;
  static constexpr double kPerSecond = 64;

  // Whether a connection from this address is taken now.
  bool Admit(absl::string_view address, absl::Duration now);

 private:
  struct Bucket {
    double left = kAtOnce;
    absl::Duration filled;
  };

  void ForgetFull(absl::Duration now);

  absl::Duration forget_at_;  // not before: it looks at all of them
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace firstguess
