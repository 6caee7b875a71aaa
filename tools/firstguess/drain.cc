#include "absl/strings/str_cat.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"

namespace firstguess {
namespace {

struct DrainOptions {
  bool json = false;
  std::string worker;
  CoordinatorOption coordinator;
};

int Drain(const DrainOptions& options, Context* context) {
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  const auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  v1::DrainWorkerRequest request;
  request.set_name(options.worker);
  const absl::StatusOr<v1::DrainWorkerResponse> response =
      client->Call(&SweepClient::Stub::DrainWorker, request);
  if (!response.ok()) return Report(ServiceFailure(response.status(), client->address()), context);
  if (options.json) {
    const nlohmann::ordered_json answer = {{"workers", response->workers()}};
    context->out->Write(JsonText(answer) + "\n");
  } else {
    context->out->Write(absl::StrCat("Told ", FormatCountOf(response->workers(), "worker"),
                                     " to finish or hand back its work and leave.\n"));
  }
  return kExitDone;
}

}  // namespace

void AddDrainCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<DrainOptions>();
  CLI::App* command =
      AddCommand(app, "drain", "Tells a worker to finish or hand back what it holds, and to leave",
                 {{"drain node3", "every worker of that name"},
                  {"drain 8f14e45fceea167a", "the one of that instance id (see 'workers --json')"}},
                 &options->json);
  command->add_option("WORKER", options->worker, "The worker's name or instance id")->required();
  AddCoordinatorOption(command, &options->coordinator);
  command->callback([options, action] {
    *action = [options](Context* context) { return Drain(*options, context); };
  });
}

}  // namespace firstguess
