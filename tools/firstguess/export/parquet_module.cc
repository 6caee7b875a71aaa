// The only file that includes Arrow's headers, and all of libfirstguess_parquet.so.

#include "tools/firstguess/export/parquet_module.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/io_util.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

// What is in memory at a time, encoded: 131,072 rows of class_snapshot, fewer of wider tables.
constexpr int64_t kValuesInGroup = int64_t{1} << 20;
// Beyond it files hardly get smaller.
constexpr int kCompressionLevel = 1;

absl::Status ToStatus(const arrow::Status& status, const std::string& path) {
  if (status.ok()) return absl::OkStatus();
  const int error = arrow::internal::ErrnoFromStatus(status);
  if (error == ENOSPC || error == EDQUOT) {
    return absl::ResourceExhaustedError(absl::StrCat("there is no room for ", path));
  }
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("writing ", path));
  return absl::InternalError(absl::StrCat("writing ", path, ": ", status.message()));
}

std::shared_ptr<arrow::DataType> TypeOf(const TableColumn& column) {
  switch (column.type) {
    case ColumnType::kInteger:
      return arrow::int64();
    case ColumnType::kReal:
      return arrow::float64();
    case ColumnType::kText:
      break;
  }
  return arrow::utf8();
}

std::shared_ptr<arrow::Schema> SchemaOf(const TableColumns& columns) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const TableColumn& column : columns) {
    fields.push_back(arrow::field(column.name, TypeOf(column)));
  }
  return arrow::schema(std::move(fields));
}

template <typename Builder, typename Value>
arrow::Result<std::shared_ptr<arrow::Array>> ArrayOf(const std::vector<Value>& values,
                                                     const std::vector<uint8_t>& is_valid) {
  Builder builder(arrow::system_memory_pool());
  ARROW_RETURN_NOT_OK(
      builder.AppendValues(values.data(), static_cast<int64_t>(values.size()), is_valid.data()));
  return builder.Finish();
}

arrow::Result<std::shared_ptr<arrow::Array>> TextArray(const ColumnValues& values) {
  arrow::StringBuilder builder(arrow::system_memory_pool());
  ARROW_RETURN_NOT_OK(builder.Reserve(static_cast<int64_t>(values.is_null.size())));
  ARROW_RETURN_NOT_OK(builder.ReserveData(static_cast<int64_t>(values.text.size())));
  for (size_t row = 0; row < values.is_null.size(); ++row) {
    const absl::string_view text = values.Text(row);
    if (values.is_null[row] != 0) {
      builder.UnsafeAppendNull();
    } else {
      builder.UnsafeAppend(text.data(), static_cast<int32_t>(text.size()));
    }
  }
  return builder.Finish();
}

arrow::Result<std::shared_ptr<arrow::Array>> ToArray(ColumnType type, const ColumnValues& values) {
  if (type == ColumnType::kText) return TextArray(values);
  std::vector<uint8_t> is_valid;
  for (const uint8_t is_null : values.is_null) is_valid.push_back(is_null == 0 ? 1 : 0);
  if (type == ColumnType::kReal) return ArrayOf<arrow::DoubleBuilder>(values.reals, is_valid);
  return ArrayOf<arrow::Int64Builder>(values.integers, is_valid);
}

class ParquetWriter final : public TableWriter {
 public:
  ParquetWriter(std::string path, TableColumns columns)
      : path_(std::move(path)), columns_(std::move(columns)), schema_(SchemaOf(columns_)) {}

  absl::Status Begin() { return ToStatus(Open(), path_); }
  absl::Status Write(const TableBatch& batch) override {
    return batch.rows == 0 ? absl::OkStatus() : ToStatus(WriteBatch(batch), path_);
  }
  absl::Status Finish() override { return ToStatus(Close(), path_); }

 private:
  arrow::Status Open() {
    parquet::WriterProperties::Builder properties;
    properties.compression(parquet::Compression::ZSTD)
        ->compression_level(kCompressionLevel)
        ->max_row_group_length(kValuesInGroup / static_cast<int64_t>(columns_.size()))
        ->memory_pool(arrow::system_memory_pool());
    // Measurements hardly repeat.
    for (const TableColumn& column : columns_) {
      if (column.type == ColumnType::kReal) properties.disable_dictionary(column.name);
    }
    ARROW_ASSIGN_OR_RAISE(file_, arrow::io::FileOutputStream::Open(path_));
    ARROW_ASSIGN_OR_RAISE(
        writer_, parquet::arrow::FileWriter::Open(*schema_, arrow::system_memory_pool(), file_,
                                                  properties.build()));
    return arrow::Status::OK();
  }

  arrow::Status WriteBatch(const TableBatch& batch) {
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    for (size_t c = 0; c < columns_.size(); ++c) {
      ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Array> array,
                            ToArray(columns_[c].type, batch.columns[c]));
      arrays.push_back(std::move(array));
    }
    return writer_->WriteRecordBatch(
        *arrow::RecordBatch::Make(schema_, static_cast<int64_t>(batch.rows), std::move(arrays)));
  }

  arrow::Status Close() {
    ARROW_RETURN_NOT_OK(writer_->Close());
    return file_->Close();
  }

  const std::string path_;
  const TableColumns columns_;
  const std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::io::FileOutputStream> file_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) void FirstguessMakeParquetWriter(
    const std::string* path, const TableColumns* columns,
    absl::StatusOr<std::unique_ptr<TableWriter>>* writer) {
  auto made = std::make_unique<ParquetWriter>(*path, *columns);
  if (absl::Status status = made->Begin(); !status.ok()) {
    *writer = std::move(status);
  } else {
    *writer = std::move(made);
  }
}

}  // namespace firstguess
