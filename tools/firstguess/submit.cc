#include "absl/strings/str_cat.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/shell_word.h"
#include "tools/firstguess/submission.h"

namespace firstguess {
namespace {

struct SubmitOptions {
  bool json = false;
  std::string spec;
  bool extend = false;
  CoordinatorOption coordinator;
};

int Submit(const SubmitOptions& options, Context* context) {
  auto read = ReadSpecFile(options.spec);
  if (auto* failure = std::get_if<Failure>(&read)) return Report(*failure, context);
  const auto& spec = std::get<SpecFile>(read);
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  const auto submitted = SubmitSpec(*client, spec, options.extend, client->address());
  if (auto* failure = std::get_if<Failure>(&submitted)) return Report(*failure, context);
  const auto& submission = std::get<Submission>(submitted);
  const SweepNumbers& sweep = submission.numbers;
  if (options.json) {
    nlohmann::ordered_json answer = {{"sweep", ToJson(sweep)}, {"existed", submission.existed}};
    if (submission.change.has_value()) answer["change"] = ToJson(*submission.change);
    context->out->Write(JsonText(answer) + "\n");
  } else {
    if (submission.change.has_value()) {
      context->out->Write(
          absl::StrCat("Revision ", sweep.revision, ": ", InWords(*submission.change), ".\n"));
    }
    context->out->Write(
        absl::StrCat(submission.existed ? "This sweep was submitted before" : "Submitted", ": ",
                     sweep.name, ", ", InWords(sweep), ".\nFollow it: firstguess watch ",
                     ShellWord(sweep.name), CoordinatorFlag(options.coordinator), "\n"));
  }
  return kExitDone;
}

}  // namespace

void AddSubmitCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<SubmitOptions>();
  CLI::App* command =
      AddCommand(app, "submit", "Gives a sweep to a live coordinator",
                 {{"submit sweep.yaml", "to the coordinator on this machine"},
                  {"submit sweep.yaml --extend", "edited since: only what is new is trained"},
                  {"submit sweep.yaml --coordinator unix:/run/firstguess.sock", "to another"}},
                 &options->json);
  command->add_option("SPEC", options->spec, "The sweep file; - for standard input")->required();
  command->add_flag("--extend", options->extend,
                    "Make it the next revision if its name is there with another spec");
  AddCoordinatorOption(command, &options->coordinator);
  command->callback([options, action] {
    *action = [options](Context* context) { return Submit(*options, context); };
  });
}

}  // namespace firstguess
