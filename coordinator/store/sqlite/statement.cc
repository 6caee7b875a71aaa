#include "coordinator/store/sqlite/statement.h"

#include <cmath>

#include "coordinator/store/sqlite/error.h"

namespace firstguess::sqlite {
namespace {

constexpr int64_t kLongestSqlShown = 60;

std::string OrEmpty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

void Statement::Bind(int index, double value) {
  if (std::isfinite(value)) {
    Note(sqlite3_bind_double(statement_.get(), index, value));
  } else {
    Bind(index, nullptr);
  }
}

void Statement::Bind(int index, absl::string_view text) {
  // A null pointer would be bound as NULL.
  Note(sqlite3_bind_text64(statement_.get(), index, text.empty() ? "" : text.data(), text.size(),
                           SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::BindView(int index, absl::string_view text) {
  Note(sqlite3_bind_text64(statement_.get(), index, text.empty() ? "" : text.data(), text.size(),
                           SQLITE_STATIC, SQLITE_UTF8));
}

absl::StatusOr<bool> Statement::Step() {
  int code = bind_error_;
  if (code == SQLITE_OK) code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  absl::Status error = Error(code);
  Reset();
  return error;
}

absl::Status Statement::Finish() {
  int code = bind_error_;
  if (code == SQLITE_OK) {
    do {
      code = sqlite3_step(statement_.get());
    } while (code == SQLITE_ROW);
  }
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return absl::OkStatus();
  }
  absl::Status error = Error(code);
  Reset();
  return error;
}

std::string Statement::ColumnName(int column) const {
  return OrEmpty(sqlite3_column_name(statement_.get(), column));
}

std::string Statement::DeclaredType(int column) const {
  return OrEmpty(sqlite3_column_decltype(statement_.get(), column));
}

std::string Statement::OriginTable(int column) const {
  return OrEmpty(sqlite3_column_table_name(statement_.get(), column));
}

std::string Statement::OriginColumn(int column) const {
  return OrEmpty(sqlite3_column_origin_name(statement_.get(), column));
}

absl::string_view Statement::TextView(int column) const {
  // The pointer first: asking for the size may convert the value.
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

void Statement::Reset() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_.get());
  bind_error_ = SQLITE_OK;
}

absl::Status Statement::Error(int code) const {
  absl::string_view sql = sqlite3_sql(statement_.get());
  return MakeError(sqlite3_db_handle(statement_.get()), code, sql.substr(0, kLongestSqlShown));
}

}  // namespace firstguess::sqlite
