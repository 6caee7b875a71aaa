#include "common/rpc/health.h"
#include "absl/strings/str_cat.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/json_text.h"

namespace firstguess {
namespace {

// Below what probes are usually given.
constexpr absl::Duration kPatience = absl::Seconds(5);

struct HealthOptions {
  bool json = false;
  bool live = false;
  CoordinatorOption coordinator;
};

// Whether the state machine turns: the list of sweeps comes from it, whatever the disk does.
absl::Status AskStateMachine(const SweepClient& client) {
  return client.Call(&SweepClient::Stub::List, v1::ListRequest(), kPatience).status();
}

int Health(const HealthOptions& options, Context* context) {
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  const auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  const std::string& address = client->address();
  if (options.live) {
    const absl::Status answer = AskStateMachine(*client);
    if (!answer.ok()) return Report(ServiceFailure(answer, address), context);
  } else {
    const absl::StatusOr<ServerHealth> health =
        AskHealth(address, kPatience, options.coordinator.security);
    if (!health.ok()) return Report(ServiceFailure(health.status(), address), context);
    if (*health != ServerHealth::kServing) {
      return Report({kExitFailed,
                     {},
                     absl::StrCat("the coordinator at ", address,
                                  " grants nothing: its disk is full, or it stops."),
                     "Its log says why; with room on the disk it goes on by itself."},
                    context);
    }
  }
  const std::string state = options.live ? "live" : "serving";
  if (options.json) {
    context->out->Write(JsonText({{"coordinator", address}, {"state", state}}) + "\n");
  } else {
    context->out->Write(absl::StrCat("The coordinator at ", address, " is ", state, ".\n"));
  }
  return kExitDone;
}

}  // namespace

void AddHealthCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App* command =
      AddCommand(app, "health", "Whether a coordinator serves, for probes: 0 if it does",
                 {{"health", "whether work is granted and results are taken"},
                  {"health --live --coordinator unix:/run/firstguess.sock",
                   "whether it answers at all, also with a full disk"}},
                 &options->json);
  command->add_flag("--live", options->live,
                    "Ask whether it answers; what does not should be started again");
  AddCoordinatorOption(command, &options->coordinator);
  command->callback([options, action] {
    *action = [options](Context* context) { return Health(*options, context); };
  });
}

}  // namespace firstguess
