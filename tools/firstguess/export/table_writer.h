#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/firstguess/export/table_batch.h"

namespace firstguess {

// One table into one file of one format, in memory that does not grow with the rows (but for what
// Parquet notes of each group of rows). Values are kept to the bit: integers beyond 2^53, the sign
// of 0, any text. Thread-compatible.
class TableWriter {
 public:
  virtual ~TableWriter() = default;

  // REQUIRES: the columns that the writer was made with.
  virtual absl::Status Write(const TableBatch& batch) = 0;
  // Last, once: the file is whole. Without it, it is of no use.
  virtual absl::Status Finish() = 0;
};

using TableColumns = std::vector<TableColumn>;

// RFC 4180 with a heading, lines ended by LF. NULL is an empty field, an empty text is "". Reals
// have the fewest digits that read back as the same number, and always a point or an exponent.
absl::StatusOr<std::unique_ptr<TableWriter>> MakeCsvWriter(const std::string& path,
                                                           const TableColumns& columns);

// One JSON object a line, columns in their order. NULL and reals that are not finite are null;
// bytes that are not UTF-8 become U+FFFD.
absl::StatusOr<std::unique_ptr<TableWriter>> MakeJsonLinesWriter(const std::string& path,
                                                                 const TableColumns& columns);

// What numpy.load reads: a zip archive of one array a column, not compressed. Integers are int64,
// reals float64 with NaN for NULL, text is str of the longest's length. An integer or text column
// with a NULL has a bool array NAME.isnull beside it, and 0 or '' in the NULL's place. The columns
// are kept in files beside `path` until the number of rows is known.
absl::StatusOr<std::unique_ptr<TableWriter>> MakeNpzWriter(const std::string& path,
                                                           const TableColumns& columns);

// Apache Parquet with Zstandard: int64, double and string columns, all of them nullable.
// Unimplemented: this program was built without it; says what to do.
absl::StatusOr<std::unique_ptr<TableWriter>> MakeParquetWriter(const std::string& path,
                                                               const TableColumns& columns);

// The one of a format by its name, which is its files' extension too.
// InvalidArgument: there is none of that name.
absl::StatusOr<std::unique_ptr<TableWriter>> MakeTableWriter(absl::string_view format,
                                                             const std::string& path,
                                                             const TableColumns& columns);

}  // namespace firstguess
