#include "worker/ipc/messages.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace firstguess::ipc {

absl::Status Send(const ToTrainer& message, FrameWriter& writer) {
  return writer.Write(message.SerializeAsString());
}

absl::Status Send(const FromTrainer& message, FrameWriter& writer) {
  return writer.Write(message.SerializeAsString());
}

template <typename Message>
absl::StatusOr<Message> Receive(FrameReader& reader) {
  const absl::StatusOr<std::string> frame = reader.Read();
  if (!frame.ok()) return frame.status();
  Message message;
  if (!message.ParseFromString(*frame) || message.message_case() == Message::MESSAGE_NOT_SET) {
    return absl::InvalidArgumentError(
        absl::StrCat("a frame of ", frame->size(), " bytes is not a message of this protocol"));
  }
  return message;
}

template absl::StatusOr<ToTrainer> Receive<ToTrainer>(FrameReader& reader);
template absl::StatusOr<FromTrainer> Receive<FromTrainer>(FrameReader& reader);

}  // namespace firstguess::ipc
