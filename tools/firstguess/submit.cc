#include "absl/strings/str_cat.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/submission.h"

namespace firstguess {
namespace {

struct SubmitOptions {
  bool json = false;
  std::string spec;
  CoordinatorOption coordinator;
};

int Submit(const SubmitOptions& options, Context* context) {
  auto read = ReadSpecFile(options.spec);
  if (auto* failure = std::get_if<Failure>(&read)) return Report(*failure, context);
  const auto& spec = std::get<SpecFile>(read);
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  const absl::StatusOr<Submission> submission = SubmitSpec(*client, spec);
  if (!submission.ok()) {
    return Report(ServiceFailure(submission.status(), client->address()), context);
  }
  const SweepNumbers& sweep = submission->numbers;
  if (options.json) {
    const nlohmann::ordered_json answer = {{"sweep", ToJson(sweep)},
                                           {"existed", submission->existed}};
    context->out->Write(JsonText(answer) + "\n");
  } else {
    context->out->Write(absl::StrCat(
        submission->existed ? "This sweep was submitted before" : "Submitted", ": ", sweep.name,
        ", ", InWords(sweep), ".\nFollow it with 'firstguess watch ", sweep.name, "'.\n"));
  }
  return kExitDone;
}

}  // namespace

void AddSubmitCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<SubmitOptions>();
  CLI::App* command =
      AddCommand(app, "submit", "Gives a sweep to a live coordinator",
                 {{"submit sweep.yaml", "to the coordinator on this machine"},
                  {"submit sweep.yaml --coordinator unix:/run/firstguess.sock", "to another"}},
                 &options->json);
  command->add_option("SPEC", options->spec, "The sweep file")->required();
  AddCoordinatorOption(command, &options->coordinator);
  command->callback([options, action] {
    *action = [options](Context* context) { return Submit(*options, context); };
  });
}

}  // namespace firstguess
