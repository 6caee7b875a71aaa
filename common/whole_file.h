#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// Whether a file outlives the machine's end once it has its name.
enum class Durability { kNone, kSynced };

// A file of `parts`, one after another, whole or not at all: written beside `path` as
// PATH.….part, a name of its own, and renamed, so that any number of processes may write one file.
// `mode` as of open. Unavailable, with the system's words: nothing was left there.
absl::Status WriteWholeFile(const std::string& path, const std::vector<absl::string_view>& parts,
                            mode_t mode, Durability durability);

}  // namespace firstguess
