#include "tools/firstguess/change_sweep.h"
#include "tools/firstguess/commands.h"

namespace firstguess {

void AddResumeCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<ChangeOptions>();
  CLI::App* command =
      AddCommand(app, "resume", "Goes on with a paused or cancelled sweep",
                 {{"resume first-guess", "the sweep of that name"},
                  {"resume first-guess --coordinator 127.0.0.1:7172", "of another coordinator"}},
                 &options->json);
  AddChangeOptions(command, options.get());
  command->callback([options, action] {
    *action = [options](Context* context) {
      return ChangeSweep(*options, "Resumed", &SweepClient::Stub::Resume, v1::ResumeRequest(),
                         context);
    };
  });
}

}  // namespace firstguess
