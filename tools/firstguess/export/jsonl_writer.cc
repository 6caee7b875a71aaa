#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/firstguess/export/number_text.h"
#include "tools/firstguess/export/output_file.h"
#include "tools/firstguess/export/table_writer.h"
#include "tools/firstguess/json_text.h"

namespace firstguess {
namespace {

class JsonLinesWriter final : public TableWriter {
 public:
  JsonLinesWriter(std::unique_ptr<OutputFile> file, const TableColumns& columns)
      : file_(std::move(file)) {
    for (const TableColumn& column : columns) {
      types_.push_back(column.type);
      keys_.push_back(absl::StrCat(keys_.empty() ? "{" : ",", JsonText(column.name), ":"));
    }
  }

  absl::Status Write(const TableBatch& batch) override {
    for (size_t row = 0; row < batch.rows; ++row) {
      for (size_t c = 0; c < types_.size(); ++c) {
        lines_.append(keys_[c]);
        AppendValue(types_[c], batch.columns[c], row);
      }
      lines_.append("}\n");
    }
    absl::Status status = file_->Append(lines_);
    lines_.clear();
    return status;
  }

  absl::Status Finish() override { return file_->Close(); }

 private:
  void AppendValue(ColumnType type, const ColumnValues& values, size_t row) {
    const bool is_null = values.is_null[row] != 0 ||
                         (type == ColumnType::kReal && !std::isfinite(values.reals[row]));
    if (is_null) {
      lines_.append("null");
    } else if (type == ColumnType::kInteger) {
      AppendInteger(values.integers[row], &lines_);
    } else if (type == ColumnType::kReal) {
      AppendReal(values.reals[row], &lines_);
    } else {
      lines_.append(JsonText(std::string(values.Text(row))));
    }
  }

  const std::unique_ptr<OutputFile> file_;
  std::vector<ColumnType> types_;
  std::vector<std::string> keys_;  // what stands before each value
  std::string lines_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> MakeJsonLinesWriter(const std::string& path,
                                                                 const TableColumns& columns) {
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::Create(path);
  if (!file.ok()) return file.status();
  return std::make_unique<JsonLinesWriter>(*std::move(file), columns);
}

}  // namespace firstguess
