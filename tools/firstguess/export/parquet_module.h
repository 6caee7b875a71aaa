#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/firstguess/export/table_writer.h"

namespace firstguess {

// What libfirstguess_parquet.so is asked for, by this name. It is a library of its own, opened when
// somebody wants Parquet: Arrow's libraries are 60 MB that every other command does without.
inline constexpr char kParquetModule[] = "libfirstguess_parquet.so";
inline constexpr char kParquetFunction[] = "FirstguessMakeParquetWriter";
using ParquetFunction = void(const std::string* path, const TableColumns* columns,
                             absl::StatusOr<std::unique_ptr<TableWriter>>* writer);

}  // namespace firstguess
