#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace firstguess {

// The numbers that both ends of WorkService agree on; the messages are described in
// proto/firstguess/v1/work_service.proto.

// Grows with each change that an older peer would misunderstand.
inline constexpr int64_t kProtocolVersion = 1;

inline constexpr absl::Duration kHelloTimeout = absl::Seconds(10);
inline constexpr absl::Duration kHeartbeatInterval = absl::Seconds(5);

// Leases that one worker may hold at a time.
inline constexpr int64_t kMaxCapacity = 64;

// Results that one worker may have sent without an acknowledgement.
inline constexpr int64_t kMaxUnacknowledgedResults = 64;

// A chunk of a result is smaller than this.
inline constexpr int64_t kMaxChunkBytes = 1 << 20;

// The largest message of either side; gRPC refuses larger ones.
inline constexpr int kMaxMessageBytes = 4 << 20;

}  // namespace firstguess
