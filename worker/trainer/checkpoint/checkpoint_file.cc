#include "worker/trainer/checkpoint/checkpoint_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "common/hash.h"
#include "common/wire/trajectory_wire.h"
#include "worker/trainer/checkpoint/checkpoint.pb.h"

namespace firstguess::trainer {
namespace {

constexpr absl::string_view kMagic = "FGCKPT01";
constexpr size_t kKindBytes = 6;  // of kMagic; the rest is the version
constexpr size_t kLengthBytes = 8;
constexpr size_t kChecksumBytes = 64;

absl::Status SystemError(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::generic_category().message(error)));
}

// A new file that is removed unless it was moved to its place.
class NewFile {
 public:
  explicit NewFile(std::string path)
      : path_(std::move(path)),
        fd_(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
    if (fd_ < 0) status_ = SystemError(path_, errno);
  }
  ~NewFile() {
    if (fd_ >= 0) close(fd_);
    if (!path_.empty()) unlink(path_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void Write(absl::string_view bytes) {
    checksum_.Add(bytes);
    WriteAll(bytes);
  }

  // Ends it with the checksum of what was written.
  absl::Status MoveTo(const std::string& place) {
    WriteAll(checksum_.Hex());
    if (status_.ok() && fsync(fd_) != 0) status_ = SystemError(path_, errno);
    // Some file systems tell only now that there is no room.
    if (const int fd = std::exchange(fd_, -1); fd >= 0 && close(fd) != 0) {
      status_.Update(SystemError(path_, errno));
    }
    if (!status_.ok()) return status_;
    if (rename(path_.c_str(), place.c_str()) != 0) return SystemError(place, errno);
    path_.clear();
    return absl::OkStatus();
  }

 private:
  void WriteAll(absl::string_view bytes) {
    while (status_.ok() && !bytes.empty()) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written >= 0) {
        bytes.remove_prefix(static_cast<size_t>(written));
      } else if (errno != EINTR) {
        status_ = SystemError(path_, errno);
      }
    }
  }

  std::string path_;  // empty once moved
  int fd_;
  Sha256Hasher checksum_;
  absl::Status status_;
};

std::string LengthOf(absl::string_view bytes) {
  std::string length;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length.push_back(static_cast<char>(bytes.size() >> (8 * i) & 0xff));
  }
  return length;
}

// Takes the next `length` bytes off `bytes`; false if there are not as many.
bool Take(absl::string_view& bytes, uint64_t length, absl::string_view& taken) {
  if (length > bytes.size()) return false;
  taken = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return true;
}

bool TakeTensor(absl::string_view& bytes, int64_t length, std::string& tensor) {
  absl::string_view taken;
  if (length < 0 || !Take(bytes, static_cast<uint64_t>(length), taken)) return false;
  tensor = std::string(taken);
  return true;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    return errno == ENOENT ? absl::NotFoundError(path) : SystemError(path, errno);
  }
  std::string bytes;
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  if (!ignored) bytes.resize(size);
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  const bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed) return SystemError(path, EIO);
  return bytes;
}

// `tensors`: what follows the header.
absl::StatusOr<Checkpoint> FromHeader(const CheckpointHeader& header, absl::string_view tensors) {
  absl::StatusOr<Trajectory> trajectory = FromProto(header.trajectory());
  if (!trajectory.ok()) return trajectory.status();
  Checkpoint checkpoint{.step = header.step(),
                        .draw = header.draw(),
                        .bad_step = header.bad_step(),
                        .trajectory = *std::move(trajectory),
                        .parameters = {},
                        .moments = {},
                        .optimizer = {}};
  checkpoint.trajectory.probe_seconds = header.probe_seconds();
  bool complete = TakeTensor(tensors, header.parameters_bytes(), checkpoint.parameters) &&
                  TakeTensor(tensors, header.moments_bytes(), checkpoint.moments);
  for (const int64_t length : header.optimizer_bytes()) {
    complete = complete && TakeTensor(tensors, length, checkpoint.optimizer.emplace_back());
  }
  if (!complete || !tensors.empty()) return absl::DataLossError("its tensors are not complete");
  return checkpoint;
}

}  // namespace

absl::Status WriteCheckpoint(const std::string& path, const CheckpointOwner& owner,
                             const Checkpoint& checkpoint) {
  CheckpointHeader header;
  header.set_config(owner.config);
  header.set_made_with(owner.made_with);
  header.set_step(checkpoint.step);
  header.set_draw(checkpoint.draw);
  header.set_bad_step(checkpoint.bad_step);
  *header.mutable_trajectory() = ToProto(checkpoint.trajectory);
  header.set_probe_seconds(checkpoint.trajectory.probe_seconds);
  header.set_parameters_bytes(static_cast<int64_t>(checkpoint.parameters.size()));
  header.set_moments_bytes(static_cast<int64_t>(checkpoint.moments.size()));
  for (const std::string& tensor : checkpoint.optimizer) {
    header.add_optimizer_bytes(static_cast<int64_t>(tensor.size()));
  }
  const std::string head = header.SerializeAsString();

  std::random_device random;
  NewFile file(absl::StrFormat("%s.%08x%08x.part", path, random(), random()));
  file.Write(kMagic);
  file.Write(LengthOf(head));
  file.Write(head);
  file.Write(checkpoint.parameters);
  file.Write(checkpoint.moments);
  for (const std::string& tensor : checkpoint.optimizer) file.Write(tensor);
  return file.MoveTo(path);
}

absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path, const CheckpointOwner& owner) {
  const absl::StatusOr<std::string> file = ReadFile(path);
  if (!file.ok()) return file.status();
  absl::string_view bytes = *file;
  absl::string_view magic;
  absl::string_view length;
  absl::string_view head;
  if (!Take(bytes, kMagic.size(), magic) ||
      magic.substr(0, kKindBytes) != kMagic.substr(0, kKindBytes)) {
    return absl::DataLossError("it is no checkpoint");
  }
  if (magic != kMagic) return absl::FailedPreconditionError("it is of another version");
  if (bytes.size() < kChecksumBytes) return absl::DataLossError("it is torn");
  const absl::string_view checksum = bytes.substr(bytes.size() - kChecksumBytes);
  bytes.remove_suffix(kChecksumBytes);
  if (Sha256Hex(absl::string_view(*file).substr(0, file->size() - kChecksumBytes)) != checksum) {
    return absl::DataLossError("its checksum is not that of what it holds");
  }
  uint64_t head_bytes = 0;
  CheckpointHeader header;
  if (!Take(bytes, kLengthBytes, length)) return absl::DataLossError("it is torn");
  for (size_t i = kLengthBytes; i > 0; --i) {
    head_bytes = head_bytes << 8 | static_cast<unsigned char>(length[i - 1]);
  }
  if (!Take(bytes, head_bytes, head) ||
      !header.ParseFromArray(head.data(), static_cast<int>(head.size()))) {
    return absl::DataLossError("its header can't be read");
  }
  if (header.config() != owner.config) {
    return absl::FailedPreconditionError("it is another trial's");
  }
  if (header.made_with() != owner.made_with) {
    return absl::FailedPreconditionError(
        absl::StrCat("it was made with ", header.made_with(), ", not ", owner.made_with));
  }
  return FromHeader(header, bytes);
}

}  // namespace firstguess::trainer
