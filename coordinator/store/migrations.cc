#include "coordinator/store/migrations.h"

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "coordinator/store/schema.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/transaction.h"
#include "coordinator/store/views.h"

namespace firstguess {
namespace {

// Step i leads from version i to version i + 1. Released steps never change.
const absl::string_view* const kSteps[] = {&kSchemaVersion1, &kSchemaVersion2, &kSchemaVersion3,
                                           &kSchemaVersion4, &kSchemaVersion5, &kSchemaVersion6};
static_assert(std::size(kSteps) == kSchemaVersion);

absl::Status RunStep(sqlite::Database* database, int64_t step) {
  sqlite::Transaction transaction(database);
  FG_SQLITE_TRY(transaction.Begin());
  FG_SQLITE_TRY(database->Execute(DropViews()));
  FG_SQLITE_TRY(database->Execute(std::string(*kSteps[step])));
  if (step + 1 == kSchemaVersion) FG_SQLITE_TRY(database->Execute(CreateViews()));
  FG_SQLITE_TRY(database->Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId,
                                               "; PRAGMA user_version = ", step + 1)));
  return transaction.Commit();
}

}  // namespace

absl::Status Migrate(sqlite::Database* database) {
  const absl::StatusOr<int64_t> version = database->QueryInteger("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version > kSchemaVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        database->path(), " is of version ", *version, ", this program knows versions up to ",
        kSchemaVersion, ": use the program that wrote it, or a newer one"));
  }
  if (*version == kSchemaVersion) return absl::OkStatus();
  FG_SQLITE_TRY(database->AllowSchemaEdits(true));
  for (int64_t step = *version; step < kSchemaVersion; ++step) {
    FG_SQLITE_TRY(RunStep(database, step));
  }
  return database->AllowSchemaEdits(false);
}

}  // namespace firstguess
