#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess::ipc {

// A frame is a 4-byte big-endian length and that many bytes. Longer ones are refused, in both
// directions: a length beyond this is garbage, not a message.
inline constexpr size_t kMaxFrameBytes = size_t{64} << 20;

// Reads frames from a stream socket. Does not own the descriptor. Thread-compatible; a reader and a
// writer on the same socket may be used by two threads.
class FrameReader {
 public:
  explicit FrameReader(int fd) : fd_(fd) {}

  // The next frame's bytes; blocks until it is complete. Errors:
  //   OutOfRange       the other side closed, between two frames: the clean end
  //   DataLoss         the other side closed in the middle of a frame
  //   InvalidArgument  the length is above kMaxFrameBytes; the stream can't be read on
  //   Unavailable      the socket failed
  absl::StatusOr<std::string> Read();

 private:
  int fd_;
};

// Writes frames to a stream socket. Does not own the descriptor. Thread-compatible.
class FrameWriter {
 public:
  explicit FrameWriter(int fd) : fd_(fd) {}

  // Writes one frame; blocks until the kernel took all of it. Never raises SIGPIPE. Errors:
  //   InvalidArgument   the frame is too long; nothing was written
  //   Unavailable       the other side is gone, or the socket failed
  //   DeadlineExceeded  the socket's send timeout (SO_SNDTIMEO) passed; part may be written
  absl::Status Write(absl::string_view frame);

 private:
  int fd_;
};

}  // namespace firstguess::ipc
