#include "coordinator/web/sweep_changes.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/audit_log.h"
#include "common/mutex.h"
#include "coordinator/web/json_answer.h"

namespace firstguess {
namespace {

constexpr absl::Duration kChangePatience = absl::Seconds(5);

// What the engine's thread answers, if it does so in time.
struct AskedChange {
  Mutex mutex;
  CondVar changed;
  std::optional<absl::Status> status GUARDED_BY(mutex);
};

absl::StatusOr<ChangeSweep::Kind> KindOf(const std::string& action) {
  if (action == "pause") return ChangeSweep::Kind::kPause;
  if (action == "resume") return ChangeSweep::Kind::kResume;
  if (action == "cancel") return ChangeSweep::Kind::kCancel;
  return absl::InvalidArgumentError(
      absl::StrCat("`", action, "` is no action: use pause, resume or cancel"));
}

absl::Status Await(AskedChange* asked) {
  const absl::Duration end = RealClock()->MonotonicNow() + kChangePatience;
  MutexLock lock(&asked->mutex);
  while (!asked->status.has_value()) {
    const absl::Duration left = end - RealClock()->MonotonicNow();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(
          "it was asked for and is not on disk yet; it will happen when the disk has room and "
          "time");
    }
    asked->changed.WaitFor(&asked->mutex, left);
  }
  return *asked->status;
}

}  // namespace

HttpServer::Answer ChangeAnswer(Engine* engine, const WebToken& token,
                                const HttpServer::Request& request) {
  if (absl::Status status = token.Check(request.authorization); !status.ok()) {
    return ErrorAnswer(status);
  }
  const absl::StatusOr<nlohmann::json> body = JsonBody(request);
  if (!body.ok()) return ErrorAnswer(body.status());
  const std::string sweep = Text(*body, "sweep");
  const std::string action = Text(*body, "action");
  const absl::StatusOr<ChangeSweep::Kind> kind = KindOf(action);
  if (!kind.ok()) return ErrorAnswer(kind.status());

  LogAudit("asked for on the dashboard", {{"action", action}, {"sweep", sweep}});
  auto asked = std::make_shared<AskedChange>();
  engine->Ask(ChangeSweep{.token = 0, .name = sweep, .kind = *kind, .classes = {}},
              [asked](const Reply& reply, const View&) {
                MutexLock lock(&asked->mutex);
                asked->status = reply.status;
                asked->changed.NotifyAll();
              });
  const absl::Status status = Await(asked.get());
  if (!status.ok()) return ErrorAnswer(status);
  return JsonAnswer({{"sweep", sweep}, {"action", action}});
}

}  // namespace firstguess
