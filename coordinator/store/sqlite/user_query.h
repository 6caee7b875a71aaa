#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firstguess::sqlite {

struct QueryBlob {
  std::string bytes;

  bool operator==(const QueryBlob&) const = default;
};
// std::monostate is NULL.
using QueryValue = std::variant<std::monostate, int64_t, double, std::string, QueryBlob>;

// Receives the rows of a query as they are found.
class QuerySink {
 public:
  virtual ~QuerySink() = default;

  virtual void Columns(const std::vector<std::string>& names) = 0;  // first, once
  // Returns false when no more rows are wanted. One value a column.
  virtual bool Row(const std::vector<QueryValue>& values) = 0;
};

struct QueryLimits {
  absl::Duration time = absl::Seconds(30);
  int64_t rows = 1'000'000;
  // What SQLite may use in this process beyond what it did at the start.
  int64_t memory_bytes = int64_t{256} << 20;
};

// Runs one SQL statement of somebody who may only read, on a connection of its own. An authorizer
// lets through SELECT and the PRAGMAs that describe tables, nothing else. Blocks for as long as the
// query takes.
//
// Errors, after which rows may have been delivered: InvalidArgument (what SQLite says against the
// statement; more than one statement, or none), PermissionDenied (it would do more than read),
// DeadlineExceeded and ResourceExhausted (which limit it ran into), and those of
// Database::OpenReadOnly. A sink that wants no more is not an error. Thread-safe.
absl::Status RunUserQuery(const std::string& path, absl::string_view sql, const QueryLimits& limits,
                          QuerySink* sink);

}  // namespace firstguess::sqlite
