#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/ipc/framing.h"
#include "worker/ipc/trainer.pb.h"

namespace firstguess::ipc {

// The messages between an agent and its trainer (trainer.proto), one a frame. The trainer finds its
// end of the socket pair at the descriptor that its flag --ipc-fd names. For instance:
//
//   FrameReader reader(fd);
//   for (;;) {
//     const absl::StatusOr<ToTrainer> message = Receive<ToTrainer>(reader);
//     if (absl::IsOutOfRange(message.status())) return;  // the agent is gone
//     ...
//   }

// Errors of FrameWriter::Write.
absl::Status Send(const ToTrainer& message, FrameWriter& writer);
absl::Status Send(const FromTrainer& message, FrameWriter& writer);

// Blocks for the next message. Message is ToTrainer or FromTrainer. Errors of FrameReader::Read;
// InvalidArgument also for a frame that is no such message.
template <typename Message>
absl::StatusOr<Message> Receive(FrameReader& reader);

extern template absl::StatusOr<ToTrainer> Receive<ToTrainer>(FrameReader& reader);
extern template absl::StatusOr<FromTrainer> Receive<FromTrainer>(FrameReader& reader);

}  // namespace firstguess::ipc
