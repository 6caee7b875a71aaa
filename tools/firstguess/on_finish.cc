#include "tools/firstguess/on_finish.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/mutex.h"
#include "common/notify/webhook.h"

namespace firstguess {
namespace {

constexpr absl::Duration kEndPoll = absl::Milliseconds(50);
constexpr int kAttempts = 4;

EndedSweep Ended(const SweepNumbers& numbers) {
  return {.name = numbers.name,
          .revision = numbers.revision,
          .state = numbers.state,
          .cells = numbers.cells,
          .done = numbers.done,
          .failed = numbers.failed,
          .cancelled = numbers.cancelled,
          .diverged = numbers.diverged,
          .created_at = numbers.created_at,
          .finished_at = numbers.finished_at.value_or(numbers.created_at)};
}

// What the notifiers' threads have to say.
class Complaints {
 public:
  void Add(const absl::Status& status) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    lines_.push_back(absl::StrCat("nobody was told of the end: ", status.message(), "."));
  }
  std::vector<std::string> Take() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return std::exchange(lines_, {});
  }

 private:
  Mutex mutex_;
  std::vector<std::string> lines_ GUARDED_BY(mutex_);
};

}  // namespace

void AddOnFinishOptions(CLI::App* command, NotifyPlaces* places) {
  command
      ->add_option("--on-finish", places->command,
                   "For /bin/sh once the sweep has ended; sees $FIRSTGUESS_STATE and others")
      ->type_name("COMMAND");
  command
      ->add_option("--webhook", places->webhook,
                   "http:// or https://; is posted the same as JSON once the sweep has ended")
      ->type_name("URL");
}

std::optional<Failure> CheckOnFinish(const NotifyPlaces& places) {
  if (places.webhook.empty()) return std::nullopt;
  const absl::StatusOr<Webhook> webhook = Webhook::Parse(places.webhook);
  if (webhook.ok()) return std::nullopt;
  return Failure{kExitInput,
                 {},
                 absl::StrCat(webhook.status().message(), "."),
                 "For instance --webhook http://127.0.0.1:8080/ended."};
}

void TellOfEnd(const NotifyPlaces& places, const SweepNumbers& numbers, Interrupt* interrupt,
               Context* context) {
  if (places.none()) return;
  context->out->Flush();
  Complaints complaints;
  {
    const auto notifiers = MakeNotifiers(
        places, {.place = "", .attempts = kAttempts},
        [&complaints](const EndedSweep&, const absl::Status& last) { complaints.Add(last); });
    if (!notifiers.ok()) {
      complaints.Add(notifiers.status());
    } else {
      for (const auto& notifier : *notifiers) notifier->Tell(Ended(numbers));
      for (const auto& notifier : *notifiers) {
        while (!notifier->idle() && !interrupt->requested()) interrupt->Wait(kEndPoll);
      }
    }
  }
  for (const std::string& line : complaints.Take()) {
    context->err->Write(absl::StrCat("firstguess: ", line, "\n"));
  }
}

}  // namespace firstguess
