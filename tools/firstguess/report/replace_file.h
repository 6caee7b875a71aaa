#pragma once

#include <string>

#include "absl/status/status.h"

namespace firstguess {

// Writes a file beside `path` and renames it there: whole or not at all. What the file system says.
absl::Status ReplaceFile(const std::string& path, const std::string& content);

}  // namespace firstguess
