#pragma once

#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/error.h"

namespace firstguess::sqlite {

struct StatementText {
  Statement* statement;
  std::string sql;
};

// Prepares the statements that an object keeps as members.
inline absl::Status PrepareAll(Database* database, std::initializer_list<StatementText> texts) {
  for (const StatementText& text : texts) {
    absl::StatusOr<Statement> prepared = database->Prepare(text.sql);
    if (!prepared.ok()) return prepared.status();
    *text.statement = *std::move(prepared);
  }
  return absl::OkStatus();
}

}  // namespace firstguess::sqlite
