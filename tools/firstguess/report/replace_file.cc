#include "tools/firstguess/report/replace_file.h"

#include <cerrno>
#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

absl::Status FileError(const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
}

}  // namespace

absl::Status ReplaceFile(const std::string& path, const std::string& content) {
  const std::string temporary = absl::StrCat(path, ".tmp");
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) return FileError(path);
  absl::Cleanup remove = [&temporary] { std::remove(temporary.c_str()); };
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  const int write_error = errno;
  if (std::fclose(file) != 0) return FileError(path);
  if (!written) {
    errno = write_error;
    return FileError(path);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return FileError(path);
  std::move(remove).Cancel();
  return absl::OkStatus();
}

}  // namespace firstguess
