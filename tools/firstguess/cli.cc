#include "tools/firstguess/cli.h"

#include <algorithm>

#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/spec/hint.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/first_steps.h"
#include "tools/firstguess/help_formatter.h"

namespace firstguess {
namespace {

constexpr absl::string_view kExitCodes = R"(Exit codes:
  0  done                         4  interrupted; the same command goes on
  1  the command itself failed    5  finished with failed or cancelled trials
  2  usage, spec or input         6  refused by permission or a limit
  3  no coordinator answers)";

void AddCommands(CLI::App* app, Action* action) {
  AddRunCommand(app, action);
  AddPreviewCommand(app, action);
  AddSubmitCommand(app, action);
  AddListCommand(app, action);
  AddShowCommand(app, action);
  AddWatchCommand(app, action);
  AddPauseCommand(app, action);
  AddResumeCommand(app, action);
  AddCancelCommand(app, action);
  AddRetryCommand(app, action);
  AddQueryCommand(app, action);
  AddSchemaCommand(app, action);
  AddReportCommand(app, action);
  AddPlotCommand(app, action);
  AddWorkersCommand(app, action);
  AddDrainCommand(app, action);
  AddExportCommand(app, action);
  AddBackupCommand(app, action);
  AddDoctorCommand(app, action);
  AddCertsCommand(app, action);
  AddHealthCommand(app, action);
  AddTheoryCommand(app, action);
  AddCompletionsCommand(app, action);
}

Failure UnknownCommand(const CLI::App& app, const std::string& word) {
  std::vector<absl::string_view> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  const absl::string_view nearest = NearestWord(word, known);
  Failure failure{kExitInput, {}, absl::StrCat("there is no command '", word, "'."), ""};
  failure.next = nearest.empty() ? "'firstguess --help' lists the commands."
                                 : absl::StrCat("Did you mean 'firstguess ", nearest,
                                                "'? 'firstguess --help' "
                                                "lists the commands.");
  return failure;
}

// Null if there is none of that name.
const CLI::App* FindCommand(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

// The command that the arguments name, which may be one of a command, or the program itself.
const CLI::App& AskedFor(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* asked = &app;
  for (const std::string& argument : arguments) {
    const CLI::App* command = FindCommand(*asked, argument);
    if (command != nullptr) {
      asked = command;
    } else if (!absl::StartsWith(argument, "-")) {
      break;
    }
  }
  return *asked;
}

// "firstguess workers", for "firstguess workers launch"; empty for the program.
std::string NameAbove(const CLI::App& command) {
  const CLI::App* above = command.get_parent();
  if (above == nullptr) return "";
  const std::string further = NameAbove(*above);
  return further.empty() ? above->get_name() : absl::StrCat(further, " ", above->get_name());
}

std::string HelpOf(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App& command = AskedFor(app, arguments);
  return command.help(NameAbove(command));
}

Failure WrongUsage(const CLI::App& command, const std::vector<std::string>& arguments,
                   const CLI::ParseError& error) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<absl::string_view> known(names.begin(), names.end());
  std::string hint;
  for (const std::string& argument : arguments) {
    const std::string word = argument.substr(0, argument.find('='));
    if (!absl::StartsWith(word, "--") || std::count(names.begin(), names.end(), word) > 0) continue;
    const absl::string_view nearest = NearestWord(word, known);
    if (!nearest.empty()) hint = absl::StrCat("Did you mean '", nearest, "'? ");
  }
  std::string message = error.what();
  while (!message.empty() && (message.back() == '\n' || message.back() == '.')) message.pop_back();
  const std::string above = NameAbove(command);
  const std::string name = absl::StrCat(above, above.empty() ? "" : " ", command.get_name());
  return {kExitInput,
          {},
          absl::StrCat(message, "."),
          absl::StrCat(hint, "'", name, " --help' shows how it is used.")};
}

// Parses and runs; the output is checked by RunCli.
int ParseAndRun(const std::vector<std::string>& arguments, Context* context) {
  CLI::App app("Sweeps over early training, on one machine or many", "firstguess");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", absl::StrCat("firstguess ", FIRSTGUESS_VERSION), "The version");
  app.set_help_flag("-h,--help", "This help");
  app.require_subcommand(0, 1);
  app.footer(std::string(kExitCodes));
  Action action;
  AddCommands(&app, &action);

  if (arguments.empty()) {
    context->out->Write(FirstSteps("."));
    return kExitDone;
  }
  if (arguments.front() == "help") {
    // As git and others have it.
    std::vector<std::string> asked(arguments.begin() + 1, arguments.end());
    asked.push_back("--help");
    return ParseAndRun(asked, context);
  }
  const bool is_word = !absl::StartsWith(arguments.front(), "-");
  if (is_word && FindCommand(app, arguments.front()) == nullptr) {
    return Report(UnknownCommand(app, arguments.front()), context);
  }
  try {
    // CLI11 takes the last argument first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    context->out->Write(HelpOf(app, arguments));
    return kExitDone;
  } catch (const CLI::CallForVersion& version) {
    context->out->Write(absl::StrCat(version.what(), "\n"));
    return kExitDone;
  } catch (const CLI::ParseError& error) {
    return Report(WrongUsage(AskedFor(app, arguments), arguments, error), context);
  }
  return action ? action(context) : Report(UnknownCommand(app, arguments.front()), context);
}

}  // namespace

int RunCli(const std::vector<std::string>& arguments, Context* context) {
  const int code = ParseAndRun(arguments, context);
  context->out->Flush();
  context->err->Flush();
  if (context->out->closed()) return kExitDone;
  if (!context->out->status().ok()) {
    return Report({kExitFailed,
                   {},
                   absl::StrCat(context->out->status().message(), "."),
                   "Make room or write elsewhere, then run the same command again."},
                  context);
  }
  return code;
}

}  // namespace firstguess
