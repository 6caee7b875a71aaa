#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/table.h"
#include "tools/firstguess/wrapped.h"

namespace firstguess {
namespace {

constexpr int kShowNameWidth = 12;

struct ShowOptions {
  bool json = false;
  std::string sweep;
  bool spec = false;
  SourceOption source;
};

nlohmann::ordered_json ToJson(const SweepDetails& details) {
  nlohmann::ordered_json failures = nlohmann::ordered_json::array();
  for (const FailureGroup& group : details.failures) {
    failures.push_back({{"failure_class", group.failure_class},
                        {"message", group.message},
                        {"trials", group.trials},
                        {"worker", group.worker},
                        {"log_tail", group.log_tail}});
  }
  return {{"sweep", ToJson(details.numbers)}, {"failures", failures}, {"spec", details.spec}};
}

void PrintNumbers(const SweepNumbers& sweep, Terminal* out) {
  const auto line = [out](absl::string_view name, absl::string_view value) {
    PrintNamed(name, kShowNameWidth, value, out);
  };
  line("sweep", Visible(sweep.name));
  line("state", sweep.state);
  line("trials", InWords(sweep));
  if (!sweep.all_ended() && !sweep.waiting_reason.empty()) {
    line("waiting", Visible(sweep.waiting_reason));
  }
  if (!sweep.all_ended() && sweep.trials_per_second > 0) {
    line("rate", FormatRate(sweep.trials_per_second));
  }
  if (!sweep.all_ended() && sweep.remaining_seconds.has_value()) {
    line("left", DurationInWords(absl::Seconds(*sweep.remaining_seconds)));
  }
  if (sweep.priority != 0) line("priority", absl::StrCat(sweep.priority));
  line("submitted", FormatTime(sweep.created_at));
  if (sweep.finished_at.has_value()) {
    const absl::Duration taken = absl::Seconds(*sweep.finished_at - sweep.created_at);
    line("finished",
         absl::StrCat(FormatTime(*sweep.finished_at), ", after ", DurationInWords(taken)));
  }
}

void PrintFailures(const SweepDetails& details, Terminal* out) {
  if (details.failures.empty()) return;
  out->Write("\nFailures:\n");
  Table table({{"trials", Table::Align::kRight},
               {"class"},
               {"last worker"},
               {"message", Table::Align::kLeft, true}});
  for (const FailureGroup& group : details.failures) {
    table.AddRow({FormatCount(group.trials), group.failure_class, group.worker, group.message});
  }
  table.Print(out);
  for (const FailureGroup& group : details.failures) {
    if (group.log_tail.empty()) continue;
    out->Write(absl::StrCat("\nLog of ", Visible(group.worker), " before the latest '",
                            Visible(group.message), "':\n"));
    for (const absl::string_view line : absl::StrSplit(group.log_tail, '\n')) {
      out->Write(absl::StrCat("  ", Visible(line), "\n"));
    }
  }
}

int Show(const ShowOptions& options, Context* context) {
  auto opened = OpenSource(options.source);
  if (auto* failure = std::get_if<Failure>(&opened)) return Report(*failure, context);
  auto& source = std::get<std::unique_ptr<SweepSource>>(opened);
  const absl::StatusOr<SweepDetails> details = source->Get(options.sweep);
  if (!details.ok()) return Report(source->Explain(details.status()), context);
  if (options.json) {
    context->out->Write(JsonText(ToJson(*details)) + "\n");
  } else if (options.spec) {
    context->out->Write(details->spec);
  } else {
    PrintNumbers(details->numbers, context->out);
    PrintFailures(*details, context->out);
  }
  return kExitDone;
}

}  // namespace

void AddShowCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command =
      AddCommand(app, "show", "One sweep: its numbers, and its failures grouped by message",
                 {{"show first-guess --db first_guess.db", "a sweep in a database file"},
                  {"show first-guess", "a sweep of the coordinator on this machine"},
                  {"show first-guess --spec > again.yaml", "the sweep file as it was submitted"}},
                 &options->json);
  command->add_option("NAME", options->sweep, "The sweep's name")->required();
  command->add_flag("--spec", options->spec, "Only the sweep file's text");
  AddSourceOption(command, &options->source);
  command->callback([options, action] {
    *action = [options](Context* context) { return Show(*options, context); };
  });
}

}  // namespace firstguess
