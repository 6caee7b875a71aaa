#include "tools/firstguess/export/table_writer.h"

#include "absl/strings/str_cat.h"

namespace firstguess {

absl::StatusOr<std::unique_ptr<TableWriter>> MakeTableWriter(absl::string_view format,
                                                             const std::string& path,
                                                             const TableColumns& columns) {
  if (format == "csv") return MakeCsvWriter(path, columns);
  if (format == "jsonl") return MakeJsonLinesWriter(path, columns);
  if (format == "npz") return MakeNpzWriter(path, columns);
  if (format == "parquet") return MakeParquetWriter(path, columns);
  return absl::InvalidArgumentError(absl::StrCat("there is no format '", format, "'"));
}

}  // namespace firstguess
