#include "absl/strings/str_cat.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/interrupt.h"
#include "tools/firstguess/progress.h"
#include "tools/firstguess/sweep_watcher.h"

namespace firstguess {
namespace {

constexpr absl::Duration kWaitAtMost = absl::Milliseconds(500);

struct WatchOptions {
  bool json = false;
  std::string sweep;
  CoordinatorOption coordinator;
};

int Watch(const WatchOptions& options, Context* context) {
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  const auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  Interrupt interrupt;
  SweepWatcher watcher(client.get(), options.sweep, [&interrupt] { interrupt.Wake(); });
  const std::unique_ptr<Progress> progress =
      MakeProgress(context->out, context->clock, options.json);
  bool away = false;
  while (!context->out->closed()) {
    const SweepWatcher::View view = watcher.view();
    // The last numbers may come with the end of the stream.
    if (view.numbers.has_value() && (view.connected || view.over)) progress->Update(*view.numbers);
    if (view.over && view.numbers.has_value() && view.numbers->all_ended()) {
      progress->Finish();
      if (!options.json) {
        context->out->Write(absl::StrCat(InWords(*view.numbers), ".\n"));
      }
      return EndCode(*view.numbers);
    }
    // Away from the beginning, it is the address that is wrong; later, it may come back.
    const bool unreachable = !view.connected && !view.error.ok();
    if (view.over || (unreachable && !view.numbers.has_value())) {
      progress->Finish();
      return Report(ServiceFailure(view.error, client->address()), context);
    }
    if (unreachable && !away) {
      progress->Note("The coordinator is away; waiting for it to come back.");
    }
    away = unreachable;
    if (interrupt.requested()) {
      progress->Finish();
      return Report({kExitInterrupted,
                     {},
                     "no longer watching; the sweep itself goes on.",
                     absl::StrCat("'firstguess watch ", options.sweep, "' watches it again.")},
                    context);
    }
    interrupt.Wait(kWaitAtMost);
  }
  return kExitDone;
}

}  // namespace

void AddWatchCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* command = AddCommand(
      app, "watch", "Follows a sweep until it is done, through restarts of the coordinator too",
      {{"watch first-guess", "live; ends with 0, or with 5 if trials failed or were cancelled"},
       {"watch first-guess --json", "one JSON object a line"}},
      &options->json);
  command->add_option("NAME", options->sweep, "The sweep's name")->required();
  AddCoordinatorOption(command, &options->coordinator);
  command->callback([options, action] {
    *action = [options](Context* context) { return Watch(*options, context); };
  });
}

}  // namespace firstguess
