// What two workers say, through the edge's checks and into the state machine, whose invariants are
// checked after every event. An input is a list of steps, each a byte that says what happens, in
// its lower three bits, and to which worker, in the next; a message is followed by its length, in
// two bytes, and itself. A result without a trajectory stands for one that its trial would have.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/wire/trajectory_wire.h"
#include "coordinator/service/from_worker.h"
#include "coordinator/service/result_check.h"
#include "tests/coordinator/service/fake_trajectory.h"
#include "tests/coordinator/state/books.h"
#include "tests/coordinator/state/machine.h"
#include "tests/fuzz/fuzzed.h"

namespace firstguess {
namespace {

// Bytes taken from the front.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), left_(size) {}

  bool empty() const { return left_ == 0; }
  uint8_t Byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  std::string Text() {
    const size_t high = Byte();
    const size_t size = std::min(left_, high << 8 | Byte());
    const std::string text(reinterpret_cast<const char*>(data_), size);
    data_ += size;
    left_ -= size;
    return text;
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

class Cluster {
 public:
  Cluster() {
    const std::string spec = SpecOf("s", 3, "pack: {max_trials: 2}\nmax_attempts: 2\n");
    machine_.Apply(SubmitSweep{.token = 1, .sweep = ParsedSpec(spec), .spec_text = spec});
    machine_.Settle();
    Look();
  }

  void Step(Input& input) {
    const uint8_t what = input.Byte();
    Stream& stream = streams_[what >> 3 & 1];
    switch (what & 7) {
      case 0:
      case 1:
      case 2:
        Say(stream, input.Text());
        break;
      case 3:
        machine_.Settle();
        break;
      case 4:
        machine_.ExecuteOne();
        break;
      case 5:
        machine_.Jump(absl::Seconds(input.Byte() % 40));
        machine_.Apply(Tick());
        break;
      case 6:
        for (Stream& one : streams_) one = Stream();
        machine_.Restart();
        break;
      case 7:
        Close(stream);
        break;
    }
    Look();
  }

 private:
  struct Stream {
    std::string instance_id;  // empty: no hello yet
    int64_t epoch = 0;
    TrajectoryAssembler assembler;
  };

  void Close(Stream& stream) {
    if (!stream.instance_id.empty()) {
      machine_.Apply(WorkerDisconnected{.instance_id = stream.instance_id, .epoch = stream.epoch});
    }
    stream = Stream();
  }

  void Say(Stream& stream, const std::string& bytes) {
    v1::WorkerMessage message;
    if (!message.ParseFromString(bytes) || !Handle(stream, message).ok()) Close(stream);
  }

  template <typename Happened>
  absl::Status Post(const absl::StatusOr<Happened>& event) {
    if (event.ok()) machine_.Apply(*event);
    return event.status();
  }

  absl::Status Handle(Stream& stream, const v1::WorkerMessage& message) {
    if (message.has_hello() != stream.instance_id.empty()) {
      return absl::FailedPreconditionError("a hello comes first, and once");
    }
    switch (message.message_case()) {
      case v1::WorkerMessage::kHello: {
        const absl::StatusOr<WorkerConnected> event = ToEvent(message.hello());
        if (event.ok()) {
          stream.instance_id = event->worker.instance_id;
          stream.epoch = event->worker.epoch;
        }
        return Post(event);
      }
      case v1::WorkerMessage::kHeartbeat:
        return Post(ToEvent(message.heartbeat(), stream.instance_id, stream.epoch));
      case v1::WorkerMessage::kTrainerTime:
        return Post(ToEvent(message.trainer_time(), stream.instance_id, stream.epoch));
      case v1::WorkerMessage::kTrialFailed:
        return Post(ToEvent(message.trial_failed(), stream.instance_id));
      case v1::WorkerMessage::kLeaseEnded:
        return Post(ToEvent(message.lease_ended(), stream.instance_id));
      case v1::WorkerMessage::kResult:
        return TakeResult(stream, message.result());
      case v1::WorkerMessage::MESSAGE_NOT_SET:
        break;
    }
    return absl::InvalidArgumentError("a message without content");
  }

  absl::Status TakeResult(Stream& stream, const v1::Result& result) {
    if (absl::Status status = CheckChunk(result); !status.ok()) return status;
    const TrialConfig* const config =
        machine_.state().ConfigOf(result.lease_id(), result.trial_id());
    Trajectory trajectory;
    if (result.has_trajectory()) {
      if (absl::Status status = stream.assembler.Add(result.trajectory()); !status.ok()) {
        return status;
      }
      if (!result.last()) return absl::OkStatus();
      trajectory = stream.assembler.Finish();
    } else if (config != nullptr) {
      trajectory = FakeTrajectory(*config);
    }
    if (config != nullptr && !CheckResult(*config, trajectory).ok()) return absl::OkStatus();
    machine_.Apply(
        ResultArrived{.instance_id = stream.instance_id,
                      .lease_id = result.lease_id(),
                      .trial_id = result.trial_id(),
                      .trajectory = std::make_shared<const Trajectory>(std::move(trajectory))});
    return absl::OkStatus();
  }

  void Look() {
    for (const ToWorker& message : machine_.TakeAll()) books_.Sent(message, machine_.store());
    for (const Reply& reply : machine_.TakeReplies()) books_.Answered(reply, machine_.store());
    books_.Check(machine_);
  }

  Machine machine_;
  Books books_;
  std::array<Stream, 2> streams_;
};

}  // namespace
}  // namespace firstguess

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  GTEST_FLAG_SET(break_on_failure, true);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firstguess::Input input(data, size);
  firstguess::Cluster cluster;
  while (!input.empty()) cluster.Step(input);
  return 0;
}
