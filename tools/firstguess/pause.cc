#include "tools/firstguess/change_sweep.h"
#include "tools/firstguess/commands.h"

namespace firstguess {

void AddPauseCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<ChangeOptions>();
  CLI::App* command =
      AddCommand(app, "pause", "Grants no more trials of a sweep; those in training finish",
                 {{"pause first-guess", "the sweep of that name"},
                  {"pause first-guess --coordinator 127.0.0.1:7172", "of another coordinator"}},
                 &options->json);
  AddChangeOptions(command, options.get());
  command->callback([options, action] {
    *action = [options](Context* context) {
      return ChangeSweep(*options, "Paused", &SweepClient::Stub::Pause, v1::PauseRequest(),
                         context);
    };
  });
}

}  // namespace firstguess
