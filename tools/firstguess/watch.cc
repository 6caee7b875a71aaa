#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/firstguess/around.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/interrupt.h"
#include "tools/firstguess/on_finish.h"
#include "tools/firstguess/open_sweeps.h"
#include "tools/firstguess/progress.h"
#include "tools/firstguess/shell_word.h"
#include "tools/firstguess/sweep_watcher.h"

namespace firstguess {
namespace {

constexpr absl::Duration kWatchInterval = absl::Milliseconds(500);

struct WatchOptions {
  bool json = false;
  std::string sweep;  // empty: all that are open
  CoordinatorOption coordinator;
  NotifyPlaces on_finish;
};

// What is followed, as it was seen last.
struct Seen {
  std::vector<SweepNumbers> sweeps;
  bool connected = false;
  bool over = false;   // nothing more will come
  absl::Status error;  // why it is not connected, or over
};

// One sweep by its stream, or all by asking again and again.
class Followed {
 public:
  Followed(const SweepClient* client, const std::string& sweep, Interrupt* interrupt)
      : open_sweeps_(client) {
    if (sweep.empty()) return;
    watcher_ = std::make_unique<SweepWatcher>(client, sweep, [interrupt] { interrupt->Wake(); });
  }

  Seen Look() {
    Seen seen;
    if (watcher_ != nullptr) {
      SweepWatcher::View view = watcher_->view();
      if (view.numbers.has_value()) seen.sweeps.push_back(*std::move(view.numbers));
      seen.connected = view.connected;
      seen.over = view.over;
      seen.error = std::move(view.error);
      return seen;
    }
    seen.error = open_sweeps_.Look();
    seen.connected = seen.error.ok();
    seen.sweeps = open_sweeps_.sweeps();
    seen.over = seen.connected
                    ? open_sweeps_.all_ended()
                    : !absl::IsUnavailable(seen.error) && !absl::IsDeadlineExceeded(seen.error);
    return seen;
  }

 private:
  OpenSweeps open_sweeps_;
  std::unique_ptr<SweepWatcher> watcher_;  // null: all open sweeps
};

bool AllEnded(const std::vector<SweepNumbers>& sweeps) {
  return std::all_of(sweeps.begin(), sweeps.end(),
                     [](const SweepNumbers& numbers) { return numbers.all_ended(); });
}

int AnswerEnd(const WatchOptions& options, const std::vector<SweepNumbers>& sweeps,
              Interrupt* interrupt, Context* context) {
  if (sweeps.empty() && !options.json) {
    context->out->Write(
        "No sweep is running or paused. 'firstguess list' shows those that have ended.\n");
  }
  int code = kExitDone;
  for (const SweepNumbers& numbers : sweeps) {
    if (!options.json) {
      context->out->Write(absl::StrCat(options.sweep.empty() ? Visible(numbers.name) + ": " : "",
                                       InWords(numbers), ".\n"));
    }
    TellOfEnd(options.on_finish, numbers, interrupt, context);
    code = std::max<int>(code, EndCode(numbers));
  }
  return code;
}

int Watch(const WatchOptions& options, Context* context) {
  if (auto failure = CheckOnFinish(options.on_finish)) return Report(*failure, context);
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  const auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  Interrupt interrupt;
  Followed followed(client.get(), options.sweep, &interrupt);
  AroundAsker around(client.get(), context->clock);
  const std::unique_ptr<Progress> progress =
      MakeProgress(context->out, context->clock, options.json);
  bool was_connected = false;
  bool away = false;
  while (!context->out->closed()) {
    const Seen seen = followed.Look();
    was_connected = was_connected || seen.connected || !seen.sweeps.empty();
    // The last numbers may come with the end of the stream.
    if (!seen.sweeps.empty() && (seen.connected || seen.over)) {
      progress->Update({.sweeps = seen.sweeps, .around = around.Look(seen.sweeps)});
    }
    if (seen.over && was_connected && AllEnded(seen.sweeps) &&
        (seen.connected || !seen.sweeps.empty())) {
      progress->Finish();
      return AnswerEnd(options, seen.sweeps, &interrupt, context);
    }
    // Away from the beginning, it is the address that is wrong; later, it may come back.
    const bool unreachable = !seen.connected && !seen.error.ok();
    if (seen.over || (unreachable && !was_connected)) {
      progress->Finish();
      return Report(ServiceFailure(seen.error, client->address()), context);
    }
    if (unreachable && !away) {
      progress->Note("The coordinator is away; waiting for it to come back.");
    }
    if (away && seen.connected) progress->Note("The coordinator is back.");
    away = unreachable || (away && !seen.connected);
    if (interrupt.requested()) {
      progress->Finish();
      const std::string name =
          options.sweep.empty() ? "" : absl::StrCat(" ", ShellWord(options.sweep));
      return Report({kExitInterrupted,
                     {},
                     "no longer watching; what is watched goes on.",
                     absl::StrCat("Watch again: firstguess watch", name,
                                  CoordinatorFlag(options.coordinator))},
                    context);
    }
    interrupt.Wait(kWatchInterval);
  }
  return kExitDone;
}

}  // namespace

void AddWatchCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* command = AddCommand(
      app, "watch", "Follows sweeps until they are done, through restarts of the coordinator too",
      {{"watch first-guess", "live; ends with 0, or with 5 if trials failed or were cancelled"},
       {"watch", "every sweep that is running or paused"},
       {"watch first-guess --on-finish 'notify-send \"$FIRSTGUESS_SWEEP: $FIRSTGUESS_STATE\"'",
        "says so when it is over"},
       {"watch first-guess --json", "one JSON object a line"}},
      &options->json);
  command->add_option("NAME", options->sweep, "The sweep's name; else all that are not over");
  AddCoordinatorOption(command, &options->coordinator);
  AddOnFinishOptions(command, &options->on_finish);
  command->callback([options, action] {
    *action = [options](Context* context) { return Watch(*options, context); };
  });
}

}  // namespace firstguess
