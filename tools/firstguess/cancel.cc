#include "tools/firstguess/change_sweep.h"
#include "tools/firstguess/commands.h"

namespace firstguess {

void AddCancelCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<ChangeOptions>();
  CLI::App* command =
      AddCommand(app, "cancel", "Stops a sweep; what is done stays",
                 {{"cancel first-guess", "the sweep of that name"},
                  {"cancel first-guess --coordinator 127.0.0.1:7172", "of another coordinator"}},
                 &options->json);
  AddChangeOptions(command, options.get());
  command->callback([options, action] {
    *action = [options](Context* context) {
      return ChangeSweep(*options, "Cancelled", &SweepClient::Stub::Cancel, v1::CancelRequest(),
                         context);
    };
  });
}

}  // namespace firstguess
