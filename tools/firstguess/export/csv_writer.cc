#include <utility>

#include "tools/firstguess/export/number_text.h"
#include "tools/firstguess/export/output_file.h"
#include "tools/firstguess/export/table_writer.h"

namespace firstguess {
namespace {

void AppendField(absl::string_view text, std::string* line) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == absl::string_view::npos) {
    line->append(text.data(), text.size());
    return;
  }
  line->push_back('"');
  for (const char c : text) {
    if (c == '"') line->push_back('"');
    line->push_back(c);
  }
  line->push_back('"');
}

class CsvWriter final : public TableWriter {
 public:
  CsvWriter(std::unique_ptr<OutputFile> file, TableColumns columns)
      : file_(std::move(file)), columns_(std::move(columns)) {
    for (const TableColumn& column : columns_) {
      if (!lines_.empty()) lines_.push_back(',');
      AppendField(column.name, &lines_);
    }
    lines_.push_back('\n');
  }

  absl::Status Write(const TableBatch& batch) override {
    for (size_t row = 0; row < batch.rows; ++row) {
      for (size_t c = 0; c < columns_.size(); ++c) {
        if (c > 0) lines_.push_back(',');
        AppendValue(columns_[c].type, batch.columns[c], row);
      }
      lines_.push_back('\n');
    }
    return FlushLines();
  }

  absl::Status Finish() override {
    if (absl::Status status = FlushLines(); !status.ok()) return status;
    return file_->Close();
  }

 private:
  void AppendValue(ColumnType type, const ColumnValues& values, size_t row) {
    if (values.is_null[row] != 0) return;
    switch (type) {
      case ColumnType::kInteger:
        AppendInteger(values.integers[row], &lines_);
        break;
      case ColumnType::kReal:
        AppendReal(values.reals[row], &lines_);
        break;
      case ColumnType::kText:
        AppendField(values.Text(row), &lines_);
        break;
    }
  }

  absl::Status FlushLines() {
    absl::Status status = file_->Append(lines_);
    lines_.clear();
    return status;
  }

  const std::unique_ptr<OutputFile> file_;
  const TableColumns columns_;
  std::string lines_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> MakeCsvWriter(const std::string& path,
                                                           const TableColumns& columns) {
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::Create(path);
  if (!file.ok()) return file.status();
  return std::make_unique<CsvWriter>(*std::move(file), columns);
}

}  // namespace firstguess
