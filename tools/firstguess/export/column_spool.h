#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/firstguess/export/output_file.h"
#include "tools/firstguess/export/table_batch.h"
#include "tools/firstguess/export/zip_archive.h"

namespace firstguess {

// One column on its way into arrays of NumPy: kept in files until the number of its rows and the
// length of its longest text are known, which stand at an array's head. Thread-compatible.
class ColumnSpool {
 public:
  // Its files are `stem` and `stem`.isnull; whoever made their folder removes it.
  static absl::StatusOr<std::unique_ptr<ColumnSpool>> Create(const std::string& stem,
                                                             const TableColumn& column);

  absl::Status Write(const ColumnValues& values);
  // Last, once: the array NAME, and NAME.isnull if it has a NULL that its array can't show.
  absl::Status WriteArrays(ZipArchive* zip);

 private:
  ColumnSpool(std::string stem, TableColumn column, std::unique_ptr<OutputFile> values)
      : stem_(std::move(stem)), column_(std::move(column)), values_(std::move(values)) {}
  absl::Status WriteNulls(const ColumnValues& values);
  absl::Status WriteTexts(const ColumnValues& values);
  absl::Status CopyTexts(ZipArchive* zip) const;

  const std::string stem_;
  const TableColumn column_;
  const std::unique_ptr<OutputFile> values_;  // 8 bytes each; of text its length in 4, and itself
  std::unique_ptr<OutputFile> nulls_;         // a byte each, from the first NULL on
  int64_t rows_ = 0;
  size_t longest_ = 1;  // characters
};

}  // namespace firstguess
