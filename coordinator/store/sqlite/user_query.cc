#include "coordinator/store/sqlite/user_query.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/open_readers.h"

namespace firstguess::sqlite {
namespace {

// Virtual machine instructions between two looks at the limits: a fraction of a millisecond.
constexpr int kInstructionsBetweenLooks = 1000;

// A text or a blob in a query, longer than which is an error. Columns times this bound what one
// row can take.
constexpr int kLongestValueBytes = 4 << 20;
constexpr int kMostColumns = 256;
constexpr int kLongestSqlBytes = 1 << 20;
constexpr int kCacheKib = 8 << 10;

struct Watch {
  std::chrono::steady_clock::time_point deadline;
  int64_t memory_limit = 0;
  bool timed_out = false;
  bool out_of_memory = false;
  bool refused = false;  // by the authorizer

  bool MustStop() {
    timed_out = std::chrono::steady_clock::now() >= deadline;
    out_of_memory = sqlite3_memory_used() > memory_limit;
    return timed_out || out_of_memory;
  }
};

int LookAtLimits(void* watch) { return static_cast<Watch*>(watch)->MustStop() ? 1 : 0; }

bool Describes(absl::string_view pragma) {
  constexpr absl::string_view kDescribing[] = {
      "table_info",  "table_xinfo",      "table_list",    "index_list",   "index_info",
      "index_xinfo", "foreign_key_list", "function_list", "user_version", "application_id"};
  return std::find(std::begin(kDescribing), std::end(kDescribing), absl::AsciiStrToLower(pragma)) !=
         std::end(kDescribing);
}

bool IsHarmless(absl::string_view function) {
  constexpr absl::string_view kHarmful[] = {"load_extension", "fts3_tokenizer", "edit", "readfile",
                                            "writefile"};
  return std::find(std::begin(kHarmful), std::end(kHarmful), absl::AsciiStrToLower(function)) ==
         std::end(kHarmful);
}

bool IsAllowed(int action, absl::string_view first, const char* second) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return true;
    // What SQLite asks for pragma_table_info('t') and its like. It refuses real changes itself.
    case SQLITE_UPDATE:
      return first == "sqlite_master";
    case SQLITE_FUNCTION:
      return IsHarmless(absl::NullSafeStringView(second));
    case SQLITE_PRAGMA: {
      // These two read without an argument and write with one.
      const bool writes = second != nullptr && (absl::EqualsIgnoreCase(first, "user_version") ||
                                                absl::EqualsIgnoreCase(first, "application_id"));
      return !writes && Describes(first);
    }
    default:
      return false;
  }
}

int Authorize(void* watch, int action, const char* first, const char* second, const char*,
              const char*) {
  if (IsAllowed(action, absl::NullSafeStringView(first), second)) return SQLITE_OK;
  static_cast<Watch*>(watch)->refused = true;
  return SQLITE_DENY;
}

absl::Status SetLimits(Database* database, Watch* watch) {
  sqlite3* handle = database->handle();
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kLongestValueBytes);
  sqlite3_limit(handle, SQLITE_LIMIT_COLUMN, kMostColumns);
  sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, kLongestSqlBytes);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0);
  // Sorts that don't fit the cache spill to files.
  FG_SQLITE_TRY(database->SetPragma("temp_store", "1"));
  FG_SQLITE_TRY(database->SetPragma("cache_size", absl::StrCat(-kCacheKib)));
  FG_SQLITE_TRY(database->SetPragma("query_only", "1"));
  sqlite3_set_authorizer(handle, Authorize, watch);
  sqlite3_progress_handler(handle, kInstructionsBetweenLooks, LookAtLimits, watch);
  return absl::OkStatus();
}

// What a failure is to the person who wrote the query.
absl::Status Explain(const absl::Status& status, const Watch& watch, const QueryLimits& limits) {
  if (watch.timed_out) {
    return absl::DeadlineExceededError(absl::StrCat("the query was stopped: it took longer than ",
                                                    absl::FormatDuration(limits.time)));
  }
  if (watch.out_of_memory) {
    return absl::ResourceExhaustedError(absl::StrCat("the query was stopped: it needed more than ",
                                                     limits.memory_bytes >> 20, " MiB of memory"));
  }
  // Not what this file says itself, of a second statement for instance.
  if (watch.refused && ClassOf(status) != ErrorClass::kNone) {
    return absl::PermissionDeniedError(
        absl::StrCat("a query may only read (SELECT): ", status.message()));
  }
  return status;
}

absl::StatusOr<Statement> PrepareOnly(Database* database, absl::string_view sql) {
  const std::string text(sql);
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  int code = sqlite3_prepare_v2(database->handle(), text.c_str(), -1, &prepared, &rest);
  Statement statement(prepared);
  if (code != SQLITE_OK) return MakeError(database->handle(), code, "the query");
  if (prepared == nullptr) return absl::InvalidArgumentError("the query is empty");
  // What follows may be comments.
  sqlite3_stmt* second = nullptr;
  code = sqlite3_prepare_v2(database->handle(), rest, -1, &second, nullptr);
  Statement more(second);
  if (code != SQLITE_OK || second != nullptr) {
    return absl::InvalidArgumentError("a query is one statement; this is more");
  }
  if (sqlite3_stmt_readonly(prepared) == 0) {
    return absl::PermissionDeniedError("a query may only read (SELECT)");
  }
  return statement;
}

QueryValue ValueOf(const Statement& statement, int column) {
  switch (statement.Type(column)) {
    case SQLITE_INTEGER:
      return statement.Integer(column);
    case SQLITE_FLOAT:
      return statement.Real(column);
    case SQLITE_TEXT:
      return statement.Text(column);
    case SQLITE_BLOB:
      return QueryBlob{statement.Text(column)};
    default:
      return std::monostate();
  }
}

absl::Status Deliver(Statement* statement, const QueryLimits& limits, Watch* watch,
                     QuerySink* sink) {
  std::vector<std::string> names;
  for (int i = 0; i < statement->columns(); ++i) names.push_back(statement->ColumnName(i));
  sink->Columns(names);
  std::vector<QueryValue> values(names.size());
  for (int64_t rows = 0;; ++rows) {
    const absl::StatusOr<bool> row = statement->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    if (rows == limits.rows) {
      return absl::ResourceExhaustedError(absl::StrCat("the query was stopped: it has more than ",
                                                       limits.rows, " rows (add a LIMIT)"));
    }
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = ValueOf(*statement, static_cast<int>(i));
    }
    if (!sink->Row(values)) return absl::OkStatus();
    // The sink may have taken its time.
    if (watch->MustStop()) return absl::CancelledError("a limit");
  }
}

}  // namespace

absl::Status RunUserQuery(const std::string& path, absl::string_view sql, const QueryLimits& limits,
                          QuerySink* sink) {
  const OpenReader reader(path, "query");
  absl::StatusOr<std::unique_ptr<Database>> database = Database::OpenReadOnly(path);
  if (!database.ok()) return database.status();
  Watch watch = {
      .deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(limits.time),
      .memory_limit = sqlite3_memory_used() + limits.memory_bytes};
  FG_SQLITE_TRY(SetLimits(database->get(), &watch));
  absl::StatusOr<Statement> statement = PrepareOnly(database->get(), sql);
  if (!statement.ok()) return Explain(statement.status(), watch, limits);
  return Explain(Deliver(&*statement, limits, &watch, sink), watch, limits);
}

}  // namespace firstguess::sqlite
