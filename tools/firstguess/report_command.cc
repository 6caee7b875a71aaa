#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/report/report.h"

namespace firstguess {
namespace {

struct ReportCommandOptions {
  bool json = false;
  ReportOptions report;
};

int WriteTheReport(ReportCommandOptions options, Context* context) {
  if (options.report.output.empty()) {
    options.report.output =
        absl::StrCat(absl::StripSuffix(options.report.database, ".db"), ".html");
  }
  const absl::Status status = WriteReport(options.report);
  if (!status.ok()) return Report(DatabaseFailure(status, options.report.database), context);
  if (options.json) {
    const nlohmann::ordered_json answer = {{"report", options.report.output}};
    context->out->Write(JsonText(answer) + "\n");
  } else {
    context->out->Write(absl::StrCat("Report: ", options.report.output, "\n"));
  }
  return kExitDone;
}

}  // namespace

void AddReportCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<ReportCommandOptions>();
  CLI::App* command = AddCommand(
      app, "report", "Writes one HTML file about a sweep; it loads nothing from anywhere",
      {{"report --db first_guess.db", "the newest sweep, to first_guess.html"},
       {"report --db all.db --sweep wide --output wide.html", "another one"}},
      &options->json);
  command->add_option("--db", options->report.database, "The database file")
      ->required()
      ->type_name("FILE");
  command->add_option("--sweep", options->report.sweep, "The sweep's name; else the newest")
      ->type_name("NAME");
  command->add_option("--output", options->report.output, "Where to; else FILE with .html")
      ->type_name("FILE");
  command->callback([options, action] {
    *action = [options](Context* context) { return WriteTheReport(*options, context); };
  });
}

}  // namespace firstguess
