#include "coordinator/store/sqlite/backup.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/database.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/interrupt.h"
#include "tools/firstguess/json_text.h"

namespace firstguess {
namespace {

struct BackupOptions {
  bool json = false;
  std::string database;
  std::string copy;
};

Failure Explain(const absl::Status& status, const BackupOptions& options) {
  if (absl::IsAlreadyExists(status)) {
    return {kExitInput,
            {},
            absl::StrCat(status.message(), "."),
            "A copy replaces nothing: name another file, or remove that one."};
  }
  if (absl::IsCancelled(status)) {
    return {kExitInterrupted,
            {},
            "interrupted; there is no copy.",
            "The same command makes it from the beginning."};
  }
  Failure failure = DatabaseFailure(status, options.database);
  if (absl::IsNotFound(status)) failure.next = "Name an existing database, and an existing folder.";
  return failure;
}

int Backup(const BackupOptions& options, Context* context) {
  // Says whether it is one of ours.
  if (const auto database = Database::Open(options.database); !database.ok()) {
    return Report(DatabaseFailure(database.status(), options.database), context);
  }
  Interrupt interrupt;
  const absl::Status status = sqlite::BackUp(options.database, options.copy,
                                             [&interrupt] { return !interrupt.requested(); });
  if (!status.ok()) return Report(Explain(status, options), context);
  std::error_code error;
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(options.copy, error));
  if (options.json) {
    context->out->Write(
        JsonText({{"database", options.database}, {"copy", options.copy}, {"bytes", bytes}}) +
        "\n");
  } else {
    context->out->Write(
        absl::StrCat("Copy: ", options.copy, " (", FormatBytes(bytes), ", checked)\n"));
  }
  return kExitDone;
}

}  // namespace

void AddBackupCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* command =
      AddCommand(app, "backup", "Copies a database, also while a coordinator writes it",
                 {{"backup first_guess.copy.db --db first_guess.db",
                   "a checked copy of what is committed now"},
                  {"query --db first_guess.copy.db \"select * from progress\"",
                   "a copy is a database like any other"}},
                 &options->json);
  command->add_option("FILE", options->copy, "Where the copy goes; must not exist")->required();
  command->add_option("--db", options->database, "The database file, live or not")
      ->required()
      ->type_name("FILE");
  command->callback([options, action] {
    *action = [options](Context* context) { return Backup(*options, context); };
  });
}

}  // namespace firstguess
