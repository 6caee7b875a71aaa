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
                                           &kSchemaVersion4, &kSchemaVersion5, &kSchemaVersion6,
                                           &kSchemaVersion7};
static_assert(std::size(kSteps) == kSchemaVersion);

// In one transaction: a file is of the version that it was of, or of this one.
absl::Status RunSteps(sqlite::Database* database, int64_t first) {
  sqlite::Transaction transaction(database);
  FG_SQLITE_TRY(transaction.Begin());
  FG_SQLITE_TRY(database->Execute(DropViews()));
  for (int64_t step = first; step < kSchemaVersion; ++step) {
    FG_SQLITE_TRY(database->Execute(std::string(*kSteps[step])));
  }
  FG_SQLITE_TRY(database->Execute(CreateViews()));
  FG_SQLITE_TRY(database->Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId,
                                               "; PRAGMA user_version = ", kSchemaVersion)));
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
  FG_SQLITE_TRY(RunSteps(database, *version));
  return database->AllowSchemaEdits(false);
}

}  // namespace firstguess
