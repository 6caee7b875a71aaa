#include "tools/firstguess/export/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/hash.h"

namespace firstguess {
namespace {

constexpr size_t kPiece = size_t{1} << 20;

absl::Status FileError(absl::string_view doing, const std::string& path) {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT) {
    return absl::ResourceExhaustedError(absl::StrCat("there is no room for ", path));
  }
  return absl::ErrnoToStatus(error, absl::StrCat(doing, " ", path));
}

absl::Status SyncPath(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return FileError("opening", path);
  absl::Status status;
  if (::fsync(descriptor) != 0) status = FileError("syncing", path);
  ::close(descriptor);
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return FileError("making", path);
  return std::unique_ptr<OutputFile>(new OutputFile(path, descriptor));
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

absl::Status OutputFile::Append(absl::string_view bytes) {
  buffer_.append(bytes.data(), bytes.size());
  if (buffer_.size() < kPiece) return absl::OkStatus();
  const absl::Status status = Flush(buffer_);
  buffer_.clear();
  return status;
}

absl::Status OutputFile::Close() {
  absl::Status status = Flush(buffer_);
  if (::close(std::exchange(descriptor_, -1)) != 0 && status.ok()) {
    status = FileError("writing", path_);
  }
  return status;
}

absl::Status OutputFile::Flush(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("writing", path_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<Fingerprint> FingerprintOf(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return FileError("opening", path);
  Sha256Hasher hasher;
  Fingerprint fingerprint;
  std::string piece(kPiece, '\0');
  ssize_t count = 0;
  while ((count = ::read(descriptor, piece.data(), piece.size())) > 0) {
    hasher.Add(absl::string_view(piece).substr(0, static_cast<size_t>(count)));
    fingerprint.bytes += count;
  }
  absl::Status status;
  if (count < 0) status = FileError("reading", path);
  ::close(descriptor);
  if (!status.ok()) return status;
  fingerprint.sha256 = hasher.Hex();
  return fingerprint;
}

absl::Status Publish(const std::string& from, const std::string& to) {
  if (const absl::Status status = SyncPath(from, O_RDWR); !status.ok()) return status;
  if (std::rename(from.c_str(), to.c_str()) != 0) return FileError("naming", to);
  const std::string folder = std::filesystem::path(to).parent_path().string();
  return SyncPath(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

}  // namespace firstguess
