#include "worker/trainer/data/shared_pages.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "common/whole_file.h"

namespace firstguess::trainer {
namespace {

constexpr size_t kLeast = size_t{1} << 20;

absl::Status CannotShare(const std::string& what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

bool HoldsSame(int fd, const void* data, size_t bytes) {
  void* const mapped = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapped == MAP_FAILED) return false;
  const bool same = std::memcmp(mapped, data, bytes) == 0;
  munmap(mapped, bytes);
  return same;
}

}  // namespace

std::string SharedPagesFolder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) return "";
  const std::string folder = parent / absl::StrCat("firstguess-", geteuid());
  mkdir(folder.c_str(), 0700);  // or it is there
  struct stat found = {};
  const bool own = lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
                   found.st_uid == geteuid() && (found.st_mode & 077) == 0;
  return own ? folder : "";
}

absl::Status SharePages(void* data, size_t bytes, const std::string& folder) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<uintptr_t>(data);
  const uintptr_t begin = (first + page - 1) / page * page;
  const uintptr_t end = (first + bytes) / page * page;
  if (end < begin + kLeast) return absl::OkStatus();
  void* const pages = reinterpret_cast<void*>(begin);
  const size_t size = end - begin;

  const auto checksum = crc32_z(0, static_cast<const Bytef*>(pages), size);
  const std::string path = absl::StrFormat("%s/%d-%08x.pages", folder, size, checksum);
  if (access(path.c_str(), F_OK) != 0) {
    const absl::string_view content(static_cast<const char*>(pages), size);
    const absl::Status written = WriteWholeFile(path, {content}, /*mode=*/0400, Durability::kNone);
    if (!written.ok()) return written;
  }
  const File file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat found = {};
  if (file.fd() < 0 || fstat(file.fd(), &found) != 0) return CannotShare("can't open", path);
  if (!S_ISREG(found.st_mode) || found.st_uid != geteuid() || (found.st_mode & 0222) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is no file that this user alone wrote; delete it"));
  }
  if (static_cast<size_t>(found.st_size) != size || !HoldsSame(file.fd(), pages, size)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " holds other bytes; delete it"));
  }
  const int flags = MAP_PRIVATE | MAP_FIXED;
  if (mmap(pages, size, PROT_READ | PROT_WRITE, flags, file.fd(), 0) == MAP_FAILED) {
    return CannotShare("can't map", path);
  }
  return absl::OkStatus();
}

}  // namespace firstguess::trainer
