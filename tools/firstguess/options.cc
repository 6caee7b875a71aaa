#include "tools/firstguess/options.h"

#include "absl/strings/str_cat.h"
#include "tools/firstguess/database.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {
namespace {

// What kept it from even trying.
Failure UnusableConnection(const absl::Status& status) {
  const std::string said(status.message());
  if (absl::IsPermissionDenied(status)) {
    return {kExitRefused, {}, said, "Only its owner may have access to a key or a token."};
  }
  return {kExitInput,
          {},
          said,
          absl::IsNotFound(status) ? "Name another folder with --tls, or file with --token-file."
                                   : "Correct the input and try again."};
}

}  // namespace

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
  AddSecurityOptions(command, &option->security);
}

void AddSecurityOptions(CLI::App* command, CallerSecurity* security) {
  command
      ->add_option(
          "--tls", security->tls_folder,
          "A folder with tls.crt, tls.key and ca.crt, for a coordinator that other machines "
          "reach; or FIRSTGUESS_TLS")
      ->type_name("FOLDER")
      ->envname("FIRSTGUESS_TLS");
  command
      ->add_option("--token-file", security->token_file,
                   "A file with a token, if the coordinator asks for one; or FIRSTGUESS_TOKEN_FILE")
      ->type_name("FILE")
      ->envname("FIRSTGUESS_TOKEN_FILE");
  command->add_flag("--insecure-network", security->insecure_network,
                    "Speak over a network without TLS");
}

std::string CoordinatorFlag(const CoordinatorOption& option) {
  std::string flag;
  const auto add = [&flag](absl::string_view name, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&flag, " ", name, " ", ShellWord(value));
  };
  if (option.address != CoordinatorOption().address) add("--coordinator", option.address);
  add("--tls", option.security.tls_folder);
  add("--token-file", option.security.token_file);
  if (option.security.insecure_network) flag += " --insecure-network";
  return flag;
}

std::variant<std::unique_ptr<SweepClient>, Failure> Connect(const CoordinatorOption& option) {
  absl::StatusOr<std::unique_ptr<SweepClient>> client =
      SweepClient::Make(option.address, option.security);
  if (!client.ok()) return UnusableConnection(client.status());
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
        OpenServiceSource(option.coordinator.address, option.coordinator.security);
    if (!source.ok()) return UnusableConnection(source.status());
    return *std::move(source);
  }
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(option.database);
  if (!database.ok()) return DatabaseFailure(database.status(), option.database);
  return std::unique_ptr<SweepSource>(*std::move(database));
}

}  // namespace firstguess
