#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace firstguess {

// What to do about the `reason` for which no worker can train, when that is a data set's absence
// ("... needs device cuda, data set mnist"): where it was looked for, and how to get it. "" for
// other reasons. `data_folder` is what --data-dir said, "" if nothing.
std::string HowToGetMissingDataset(absl::string_view reason, absl::string_view data_folder);

}  // namespace firstguess
