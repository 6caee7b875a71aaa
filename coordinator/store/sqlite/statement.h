#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess::sqlite {

// A prepared statement, meant to be kept and run many times.
//
//   statement.Bind(1, 7);
//   for (;;) {
//     absl::StatusOr<bool> row = statement.Step();
//     if (!row.ok()) return row.status();
//     if (!*row) break;
//     Use(statement.Integer(0));
//   }
//
// A statement that has begun holds its database's snapshot until it is finished or reset; a `Run`
// resets it at the end of a scope. Parameters count from 1, columns from 0. Outlived by its
// Database. Thread-compatible, and bound to the thread that uses its Database.
class Statement {
 public:
  Statement() = default;  // not usable
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // NaN and infinities become NULL. Text is copied. A bind that fails is reported by Step.
  void Bind(int index, std::nullptr_t) { Note(sqlite3_bind_null(statement_.get(), index)); }
  void Bind(int index, std::integral auto value) {
    Note(sqlite3_bind_int64(statement_.get(), index, static_cast<sqlite3_int64>(value)));
  }
  void Bind(int index, double value);
  void Bind(int index, absl::string_view text);
  template <typename T>
  void Bind(int index, const std::optional<T>& value) {
    if (value.has_value()) {
      Bind(index, *value);
    } else {
      Bind(index, nullptr);
    }
  }
  // As Bind, without a copy: `text` must stay until the statement is reset.
  void BindView(int index, absl::string_view text);

  // True: a row is there to be read. False: finished, and reset.
  absl::StatusOr<bool> Step();

  // Binds all parameters in order, runs to the end, and resets. For statements without rows.
  template <typename... Values>
  absl::Status Execute(const Values&... values) {
    int index = 0;
    (BindForCall(++index, values), ...);
    return Finish();
  }
  // The end of what was bound before: runs to the end, and resets.
  absl::Status Finish();

  int columns() const { return sqlite3_column_count(statement_.get()); }
  std::string ColumnName(int column) const;
  // The declared type of the table's column that the column is, also through views; empty if it is
  // computed.
  std::string DeclaredType(int column) const;
  // The table and the column that it is, likewise; empty if it is computed.
  std::string OriginTable(int column) const;
  std::string OriginColumn(int column) const;
  // SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB or SQLITE_NULL.
  int Type(int column) const { return sqlite3_column_type(statement_.get(), column); }
  bool IsNull(int column) const { return Type(column) == SQLITE_NULL; }
  int64_t Integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  double Real(int column) const { return sqlite3_column_double(statement_.get(), column); }
  // The bytes of a text or a blob.
  std::string Text(int column) const { return std::string(TextView(column)); }
  // As Text; valid until the next Step or Reset.
  absl::string_view TextView(int column) const;

  void Reset();

  sqlite3_stmt* handle() const { return statement_.get(); }

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  template <typename T>
  void BindForCall(int index, const T& value) {
    if constexpr (std::convertible_to<const T&, absl::string_view> &&
                  !std::same_as<T, std::nullptr_t>) {
      BindView(index, value);
    } else {
      Bind(index, value);
    }
  }
  void Note(int code) {
    if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
  }
  absl::Status Error(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  int bind_error_ = SQLITE_OK;
};

// One run of a statement: binds all of its parameters in order, and resets it at the end of the
// scope, whatever happened. Not to be nested for one statement.
class Run {
 public:
  template <typename... Values>
  explicit Run(Statement* statement, const Values&... values) : statement_(*statement) {
    int index = 0;
    (statement_.Bind(++index, values), ...);
  }
  ~Run() { statement_.Reset(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  absl::StatusOr<bool> Step() { return statement_.Step(); }
  const Statement& row() const { return statement_; }

 private:
  Statement& statement_;
};

}  // namespace firstguess::sqlite
