#include "tools/firstguess/run_summary.h"

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/report/report.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {
namespace {

std::string Headline(const SweepNumbers& numbers, bool was_done) {
  const std::string text = absl::StrCat(numbers.name, ": ", InWords(numbers));
  if (was_done) return absl::StrCat(text, "; everything was done already, nothing to train.");
  if (!numbers.finished_at.has_value()) return absl::StrCat(text, ".");
  const absl::Duration taken = absl::Seconds(*numbers.finished_at - numbers.created_at);
  return absl::StrCat(text, ", ", DurationInWords(taken), " after it was submitted.");
}

void PrintSummary(const SweepNumbers& numbers, const std::vector<std::string>& findings,
                  const SummaryOptions& options, Terminal* out) {
  out->Write(absl::StrCat(Styled(*out, Style::kBold, Headline(numbers, options.was_done)), "\n"));
  if (options.trainers_busy.has_value()) {
    out->Write(absl::StrCat("The trainers were busy ", FormatShare(*options.trainers_busy),
                            " of the time.\n"));
  }
  if (!findings.empty()) out->Write("\nFindings:\n");
  // What belongs to the line above begins with spaces.
  for (const std::string& finding : findings) {
    const bool continues = absl::StartsWith(finding, " ");
    out->Write(absl::StrCat(continues ? "    " : "  - ", finding, "\n"));
  }
  out->Write(absl::StrCat("\nDatabase: ", options.database, "\n"));
  if (!options.report.empty()) out->Write(absl::StrCat("Report:   ", options.report, "\n"));
  if (numbers.failed > 0) {
    out->Write(absl::StrCat("\n", FormatCountOf(numbers.failed, "trial"),
                            " failed; why: firstguess show ", ShellWord(numbers.name), " --db ",
                            ShellPath(options.database), "\n"));
  }
}

}  // namespace

int Summarize(const SweepNumbers& numbers, const SummaryOptions& options, Context* context) {
  const absl::StatusOr<std::vector<std::string>> findings =
      Findings(options.database, numbers.name);
  if (!findings.ok()) return Report(DatabaseFailure(findings.status(), options.database), context);
  if (!options.report.empty()) {
    const absl::Status written = WriteReport({options.database, numbers.name, options.report});
    if (!written.ok()) {
      return Report({kExitFailed,
                     {},
                     absl::StrCat("the sweep is done, but the report could not be written: ",
                                  written.message()),
                     absl::StrCat("Try again: firstguess report --db ", ShellPath(options.database),
                                  " --output FILE.html")},
                    context);
    }
  }
  const ExitCode code = EndCode(numbers);
  if (options.json) {
    const nlohmann::ordered_json event = {
        {"event", "finished"},
        {"exit_code", static_cast<int>(code)},
        {"was_done", options.was_done},
        {"sweep", ToJson(numbers)},
        {"trainers_busy", options.trainers_busy.has_value()
                              ? nlohmann::ordered_json(*options.trainers_busy)
                              : nlohmann::ordered_json()},
        {"findings", *findings},
        {"database", options.database},
        {"report", options.report.empty() ? nlohmann::ordered_json()
                                          : nlohmann::ordered_json(options.report)}};
    context->out->Write(JsonText(event) + "\n");
  } else {
    PrintSummary(numbers, *findings, options, context->out);
  }
  return code;
}

}  // namespace firstguess
