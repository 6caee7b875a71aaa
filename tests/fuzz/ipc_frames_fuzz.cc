// Frames between agent and trainer: whatever bytes come, reading ends in one of the errors that it
// documents, at the byte where the stream stops making sense.
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzzed.h"
#include "worker/ipc/framing.h"
#include "worker/ipc/messages.h"

namespace firstguess::ipc {
namespace {

// A descriptor that gives these bytes, from the first on.
int FileOf(const uint8_t* data, size_t size) {
  static const int fd = memfd_create("frames", 0);
  Require(fd >= 0 && ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0, "a file in memory");
  Require(write(fd, data, size) == static_cast<ssize_t>(size) && lseek(fd, 0, SEEK_SET) == 0,
          "with the input in it");
  return fd;
}

void ReadFrames(const uint8_t* data, size_t size) {
  const int fd = FileOf(data, size);
  FrameReader reader(fd);
  for (size_t consumed = 0;;) {
    const absl::StatusOr<std::string> frame = reader.Read();
    if (frame.ok()) {
      consumed += 4 + frame->size();
      continue;
    }
    const absl::StatusCode code = frame.status().code();
    Require((code == absl::StatusCode::kOutOfRange) == (consumed == size),
            "the end is clean between two frames, and only there");
    Require(code == absl::StatusCode::kOutOfRange || code == absl::StatusCode::kDataLoss ||
                code == absl::StatusCode::kInvalidArgument,
            "an error of those documented");
    return;
  }
}

template <typename Message>
void ReceiveAll(const uint8_t* data, size_t size) {
  const int fd = FileOf(data, size);
  FrameReader reader(fd);
  for (;;) {
    const absl::StatusOr<Message> message = Receive<Message>(reader);
    if (message.ok()) continue;
    // A frame that is no message is skipped by whoever wants to; the stream can be read on.
    if (!absl::IsInvalidArgument(message.status()) ||
        lseek(fd, 0, SEEK_CUR) == static_cast<off_t>(size)) {
      return;
    }
  }
}

}  // namespace
}  // namespace firstguess::ipc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firstguess::ipc::ReadFrames(data, size);
  firstguess::ipc::ReceiveAll<firstguess::ipc::ToTrainer>(data, size);
  firstguess::ipc::ReceiveAll<firstguess::ipc::FromTrainer>(data, size);
  return 0;
}
