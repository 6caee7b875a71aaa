#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess::sqlite {

// A write transaction for a scope: rolled back at its end unless committed. It takes the write lock
// at once (BEGIN IMMEDIATE), because one that begins as a reader can be refused later however long
// it would wait. Thread-bound to its Database.
class Transaction {
 public:
  // `database` outlives the transaction.
  explicit Transaction(Database* database) : database_(database) {}
  ~Transaction() {
    // Some errors have rolled back already. One that remains is seen at the next BEGIN.
    if (database_->in_transaction()) database_->Execute("ROLLBACK").IgnoreError();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  absl::Status Begin() { return database_->Execute("BEGIN IMMEDIATE"); }
  // After an error it is unknown whether the transaction will be found in the file.
  absl::Status Commit() { return database_->Execute("COMMIT"); }

 private:
  Database* const database_;
};

}  // namespace firstguess::sqlite
