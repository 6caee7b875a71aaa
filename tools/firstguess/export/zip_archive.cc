#include "tools/firstguess/export/zip_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

constexpr time_t kEarliestTime = 315532800;  // 1980-01-01, the earliest that a zip archive can say
constexpr int kPermissions = 0644;

}  // namespace

absl::StatusOr<std::unique_ptr<ZipArchive>> ZipArchive::Create(const std::string& path) {
  std::unique_ptr<ZipArchive> zip(
      new ZipArchive(path, Handle(archive_write_new(), archive_write_free)));
  archive* handle = zip->handle_.get();
  if (handle == nullptr) return absl::ResourceExhaustedError("out of memory");
  for (const int code :
       {archive_write_set_format_zip(handle), archive_write_zip_set_compression_store(handle),
        archive_write_open_filename(handle, path.c_str())}) {
    if (absl::Status status = zip->Check(code); !status.ok()) return status;
  }
  return zip;
}

absl::Status ZipArchive::Begin(const std::string& name, int64_t bytes) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                       archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), bytes);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), kPermissions);
  archive_entry_set_mtime(entry.get(), kEarliestTime, 0);
  return Check(archive_write_header(handle_.get(), entry.get()));
}

absl::Status ZipArchive::Append(absl::string_view bytes) {
  return Check(archive_write_data(handle_.get(), bytes.data(), bytes.size()));
}

absl::Status ZipArchive::Finish() { return Check(archive_write_close(handle_.get())); }

absl::Status ZipArchive::Check(int64_t code) const {
  if (code >= ARCHIVE_OK) return absl::OkStatus();
  const int error = archive_errno(handle_.get());
  if (error == ENOSPC || error == EDQUOT) {
    return absl::ResourceExhaustedError(absl::StrCat("there is no room for ", path_));
  }
  const char* said = archive_error_string(handle_.get());
  return absl::InternalError(
      absl::StrCat("writing ", path_, ": ", said == nullptr ? "libarchive failed" : said));
}

}  // namespace firstguess
