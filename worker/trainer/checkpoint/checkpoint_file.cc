#include "worker/trainer/checkpoint/checkpoint_file.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/hash.h"
#include "common/whole_file.h"
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

  const std::string head_length = LengthOf(head);

  std::vector<absl::string_view> parts = {kMagic, head_length, head, checkpoint.parameters,
                                          checkpoint.moments};
  parts.insert(parts.end(), checkpoint.optimizer.begin(), checkpoint.optimizer.end());
  Sha256Hasher hasher;
  for (const absl::string_view part : parts) hasher.Add(part);
  const std::string checksum = hasher.Hex();
  parts.push_back(checksum);
  return WriteWholeFile(path, parts, /*mode=*/0666, Durability::kSynced);
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
