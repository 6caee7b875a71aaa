#include "worker/trainer/checkpoint/checkpoint_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/log.h"
#include "worker/trainer/checkpoint/checkpoint_file.h"

namespace firstguess::trainer {
namespace {

constexpr absl::string_view kSuffix = ".checkpoint";
constexpr size_t kKeyLength = 64;

// A checkpoint's name, or that of one that is being written.
bool IsOurs(absl::string_view name) {
  const absl::string_view key = name.substr(0, kKeyLength);
  const absl::string_view rest = name.substr(key.size());
  return key.size() == kKeyLength && std::all_of(key.begin(), key.end(), absl::ascii_isxdigit) &&
         (rest == kSuffix ||
          (absl::StartsWith(rest, absl::StrCat(kSuffix, ".")) && absl::EndsWith(rest, ".part")));
}

}  // namespace

CheckpointFolder::CheckpointFolder(CheckpointOptions options, const std::string& made_with)
    : options_(std::move(options)), made_with_(absl::StrCat(options_.program, ", ", made_with)) {}

std::string CheckpointFolder::PathOf(const TrialConfig& config) const {
  return absl::StrCat(options_.folder, "/", TrialKey(config), kSuffix);
}

absl::StatusOr<Checkpoint> CheckpointFolder::Load(const TrialConfig& config) const {
  const std::string path = PathOf(config);
  absl::StatusOr<Checkpoint> checkpoint = ReadCheckpoint(path, {CanonicalJson(config), made_with_});
  if (checkpoint.ok()) {
    Log(LogLevel::kInfo, "going on from a checkpoint",
        {{"file", path}, {"step", checkpoint->step}});
  } else if (!absl::IsNotFound(checkpoint.status())) {
    Log(LogLevel::kWarning, "can't go on from a checkpoint; training anew",
        {{"file", path}, {"why", checkpoint.status().message()}});
  }
  return checkpoint;
}

bool CheckpointFolder::Save(const TrialConfig& config, const Checkpoint& checkpoint) {
  const absl::Status written =
      WriteCheckpoint(PathOf(config), {CanonicalJson(config), made_with_}, checkpoint);
  if (!written.ok() && !failed_) {
    Log(LogLevel::kWarning,
        "can't write checkpoints; training goes on without them, and would begin anew elsewhere",
        {{"why", written.message()}});
  }
  failed_ = !written.ok();
  return written.ok();
}

void CheckpointFolder::RemoveOld(absl::Time now) const {
  std::error_code error;
  int64_t removed = 0;
  for (std::filesystem::directory_iterator entry(options_.folder, error), end;
       !error && entry != end; entry.increment(error)) {
    struct stat state = {};
    if (!IsOurs(entry->path().filename().string()) || stat(entry->path().c_str(), &state) != 0 ||
        now - absl::TimeFromTimespec(state.st_mtim) <= kKept) {
      continue;
    }
    std::error_code kept;  // another worker may have removed it
    if (std::filesystem::remove(entry->path(), kept)) ++removed;
  }
  if (error) {
    Log(LogLevel::kWarning, "can't look for old checkpoints",
        {{"folder", options_.folder}, {"why", error.message()}});
  }
  if (removed > 0) {
    Log(LogLevel::kInfo, "removed old checkpoints",
        {{"folder", options_.folder},
         {"files", removed},
         {"older_than", absl::FormatDuration(kKept)}});
  }
}

}  // namespace firstguess::trainer
