#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/firstguess/export/column_spool.h"
#include "tools/firstguess/export/table_writer.h"
#include "tools/firstguess/export/zip_archive.h"

namespace firstguess {
namespace {

// A folder for the columns, gone with what is in it at the end of the scope.
class SpoolFolder {
 public:
  explicit SpoolFolder(std::string path) : path_(std::move(path)) {}
  ~SpoolFolder() { Remove(); }
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;

  // An ended program may have left one.
  absl::Status Create() {
    Remove();
    std::error_code error;
    std::filesystem::create_directory(path_, error);
    if (!error) return absl::OkStatus();
    return absl::ErrnoToStatus(error.value(), absl::StrCat("making ", path_));
  }
  void Remove() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

class NpzWriter final : public TableWriter {
 public:
  explicit NpzWriter(const std::string& path)
      : path_(path), folder_(absl::StrCat(path, ".columns")) {}

  absl::Status Begin(const TableColumns& columns) {
    if (absl::Status status = folder_.Create(); !status.ok()) return status;
    for (size_t c = 0; c < columns.size(); ++c) {
      absl::StatusOr<std::unique_ptr<ColumnSpool>> spool =
          ColumnSpool::Create(absl::StrCat(folder_.path(), "/", c), columns[c]);
      if (!spool.ok()) return spool.status();
      spools_.push_back(*std::move(spool));
    }
    return absl::OkStatus();
  }

  absl::Status Write(const TableBatch& batch) override {
    for (size_t c = 0; c < spools_.size(); ++c) {
      if (absl::Status status = spools_[c]->Write(batch.columns[c]); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    absl::StatusOr<std::unique_ptr<ZipArchive>> zip = ZipArchive::Create(path_);
    if (!zip.ok()) return zip.status();
    for (const std::unique_ptr<ColumnSpool>& spool : spools_) {
      if (absl::Status status = spool->WriteArrays(zip->get()); !status.ok()) return status;
    }
    folder_.Remove();
    return (*zip)->Finish();
  }

 private:
  const std::string path_;
  SpoolFolder folder_;
  std::vector<std::unique_ptr<ColumnSpool>> spools_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> MakeNpzWriter(const std::string& path,
                                                           const TableColumns& columns) {
  auto writer = std::make_unique<NpzWriter>(path);
  if (absl::Status status = writer->Begin(columns); !status.ok()) return status;
  return writer;
}

}  // namespace firstguess
