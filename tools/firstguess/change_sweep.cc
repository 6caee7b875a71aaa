#include "tools/firstguess/change_sweep.h"

#include "absl/strings/str_cat.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/service_source.h"

namespace firstguess {

void AddChangeOptions(CLI::App* command, ChangeOptions* options) {
  command->add_option("NAME", options->sweep, "The sweep's name")->required();
  AddCoordinatorOption(command, &options->coordinator);
}

int AnswerChange(const ChangeOptions& options, const SweepClient& client, const char* done,
                 const absl::StatusOr<v1::SweepStatus>& status, Context* context) {
  if (!status.ok()) return Report(ServiceFailure(status.status(), client.address()), context);
  const SweepNumbers sweep = FromProto(*status);
  if (options.json) {
    const nlohmann::ordered_json answer = {{"sweep", ToJson(sweep)}};
    context->out->Write(JsonText(answer) + "\n");
  } else {
    context->out->Write(absl::StrCat(done, ": ", sweep.name, ", ", InWords(sweep), ".\n"));
  }
  return kExitDone;
}

}  // namespace firstguess
