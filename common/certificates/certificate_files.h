#pragma once

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

inline constexpr mode_t kPrivateMode = 0600;
inline constexpr mode_t kReadableMode = 0644;

// A folder for its owner alone; one that is there stays as it is.
absl::Status MakePrivateFolder(const std::string& path);

// Whole, on disk, or not at all; nobody but `mode` allows ever had access.
absl::Status WriteWhole(const std::string& path, absl::string_view content, mode_t mode);

absl::StatusOr<std::string> ReadWhole(const std::string& path);

}  // namespace firstguess
