#include "tools/firstguess/options.h"

#include "absl/strings/str_cat.h"
#include "tools/firstguess/database.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {

CLI::App* AddCommand(CLI::App* app, const std::string& name, const std::string& description,
                     const std::vector<Example>& examples, bool* json) {
  CLI::App* command = app->add_subcommand(name, description)->group("Commands");
  std::string footer = "Examples:";
  for (const Example& example : examples) {
    absl::StrAppend(&footer, "\n  firstguess ", example.command, "\n      ", example.meaning);
  }
  command->footer(footer);
  command->add_flag("--json", *json, "Answer in JSON, for programs");
  return command;
}

void AddCoordinatorOption(CLI::App* command, CoordinatorOption* option) {
  command
      ->add_option("--coordinator", option->address,
                   "The live coordinator, HOST:PORT or unix:PATH; 127.0.0.1:7171 if not said")
      ->type_name("ADDRESS");
}

std::string CoordinatorFlag(const CoordinatorOption& option) {
  if (option.address == CoordinatorOption().address) return "";
  return absl::StrCat(" --coordinator ", ShellWord(option.address));
}

std::variant<std::unique_ptr<SweepClient>, Failure> Connect(const CoordinatorOption& option) {
  absl::StatusOr<std::unique_ptr<SweepClient>> client = SweepClient::Make(option.address);
  if (!client.ok()) return ServiceFailure(client.status(), option.address);
  return *std::move(client);
}

void AddSourceOption(CLI::App* command, SourceOption* option) {
  CLI::Option* database =
      command->add_option("--db", option->database, "A database file, live or not")
          ->type_name("FILE");
  AddCoordinatorOption(command, &option->coordinator);
  command->get_option("--coordinator")->excludes(database);
}

std::variant<std::unique_ptr<SweepSource>, Failure> OpenSource(const SourceOption& option) {
  if (option.database.empty()) {
    absl::StatusOr<std::unique_ptr<SweepSource>> source =
        OpenServiceSource(option.coordinator.address);
    if (!source.ok()) return ServiceFailure(source.status(), option.coordinator.address);
    return *std::move(source);
  }
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(option.database);
  if (!database.ok()) return DatabaseFailure(database.status(), option.database);
  return std::unique_ptr<SweepSource>(*std::move(database));
}

}  // namespace firstguess
