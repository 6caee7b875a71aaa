#include "coordinator/service/sweep_watch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "coordinator/service/sweep_messages.h"

namespace firstguess {
namespace {

// A client that is this far behind does not read at all.
constexpr size_t kQueuedStates = 64;

}  // namespace

SweepWatch::SweepWatch(grpc::CallbackServerContext* context, std::string name, Permit permit)
    : ServerWriter(context, kQueuedStates), name_(std::move(name)), permit_(std::move(permit)) {}

bool SweepWatch::OnView(const View& view) {
  if (over()) return false;
  if (absl::Status status = permit_.Check(); !status.ok()) {
    Close(std::move(status));
    return false;
  }
  const SweepView* const sweep = view.FindSweep(name_);
  if (sweep == nullptr) {
    Close(absl::NotFoundError(absl::StrCat("there is no sweep called `", name_, "`")));
    return false;
  }
  v1::SweepStatus status = ToProto(*sweep, view);
  std::string serialized = status.SerializeAsString();
  if (serialized != last_) {
    last_ = std::move(serialized);
    if (!Send(std::move(status))) {
      if (!over()) {
        Log(LogLevel::kWarning, "stream closed: the client does not read what it watches",
            {{"sweep", name_}});
      }
      Close(absl::ResourceExhaustedError("the client does not read what it watches"));
      return false;
    }
  }
  if (sweep->state != SweepState::kDone && sweep->state != SweepState::kCancelled) return true;
  Close(absl::OkStatus());
  return false;
}

void SweepWatch::OnStop(absl::Status status) { Close(std::move(status)); }

}  // namespace firstguess
