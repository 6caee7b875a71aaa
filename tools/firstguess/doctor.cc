#include <map>

#include "absl/strings/str_cat.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/doctor/database_findings.h"
#include "tools/firstguess/doctor/machine_findings.h"
#include "tools/firstguess/doctor/program_findings.h"
#include "tools/firstguess/doctor/service_findings.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/wrapped.h"

namespace firstguess {
namespace {

struct DoctorOptions {
  bool json = false;
  std::string database;
  CoordinatorOption coordinator;
  bool coordinator_said = false;
  std::vector<std::string> data_folders;
  bool thorough = false;
};

absl::string_view LevelText(Finding::Level level) {
  switch (level) {
    case Finding::Level::kOk:
      return "ok";
    case Finding::Level::kWarning:
      return "warning";
    case Finding::Level::kProblem:
      return "problem";
  }
  return "";
}

Style StyleOf(Finding::Level level) {
  return level == Finding::Level::kOk        ? Style::kGreen
         : level == Finding::Level::kWarning ? Style::kYellow
                                             : Style::kRed;
}

Findings Examine(const DoctorOptions& options, Context* context) {
  Findings all = DatabaseFindings(options.database, options.thorough, context);
  const auto add = [&all](Findings more) { all.insert(all.end(), more.begin(), more.end()); };
  add(ServiceFindings(options.coordinator.address, options.coordinator.security,
                      options.coordinator_said));
  add(ProgramFindings(options.data_folders, *context));
  add(MachineFindings());
  return all;
}

void PrintLines(const Findings& findings, Terminal* out) {
  constexpr int kLevelWidth = 9;
  constexpr int kCheckWidth = 13;
  for (const Finding& finding : findings) {
    const absl::string_view level = LevelText(finding.level);
    const std::string space(static_cast<size_t>(kLevelWidth - DisplayWidth(level)), ' ');
    PrintNamed(
        absl::StrCat(Styled(*out, StyleOf(finding.level), level), space, finding.check),
        kLevelWidth + kCheckWidth,
        absl::StrCat(Visible(finding.message), finding.next.empty() ? "" : " ", finding.next), out);
  }
}

nlohmann::ordered_json ToJson(const Findings& findings) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  std::map<Finding::Level, int64_t> count;
  for (const Finding& finding : findings) {
    ++count[finding.level];
    checks.push_back({{"check", finding.check},
                      {"level", LevelText(finding.level)},
                      {"message", finding.message},
                      {"next", finding.next}});
  }
  return {{"problems", count[Finding::Level::kProblem]},
          {"warnings", count[Finding::Level::kWarning]},
          {"checks", checks}};
}

int Doctor(const DoctorOptions& options, Context* context) {
  const Findings findings = Examine(options, context);
  if (options.json) {
    context->out->Write(JsonText(ToJson(findings)) + "\n");
  } else {
    PrintLines(findings, context->out);
  }
  for (const Finding& finding : findings) {
    if (finding.level == Finding::Level::kProblem) return finding.code;
  }
  return kExitDone;
}

}  // namespace

void AddDoctorCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command =
      AddCommand(app, "doctor", "Looks for what is wrong here, and says what to do about it",
                 {{"doctor", "programs, device, data sets, clock and limits of this machine"},
                  {"doctor --db first_guess.db --check", "a database too, every page of it"},
                  {"doctor --coordinator 127.0.0.1:7171", "whether that coordinator serves"}},
                 &options->json);
  command->add_option("--db", options->database, "A database file, live or not")->type_name("FILE");
  AddCoordinatorOption(command, &options->coordinator);
  command
      ->add_option("--data-dir", options->data_folders,
                   "A folder with data sets, as workers are given it; may be repeated")
      ->type_name("DIR");
  command->add_flag("--check", options->thorough,
                    "Read the whole database: integrity, references, counters");
  command->callback([options, action, command] {
    options->coordinator_said = command->count("--coordinator") > 0;
    *action = [options](Context* context) { return Doctor(*options, context); };
  });
}

}  // namespace firstguess
