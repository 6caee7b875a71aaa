#pragma once

#include "absl/strings/string_view.h"
#include "common/spec/scalar_reader.h"
#include "common/spec/sweep.h"

namespace firstguess {

// Reads the settings of a sweep that are not part of a trial: name, priority, max_attempts,
// max_failures, trial_timeout, requires, pack, sample. Returns false for any other key, true
// (errors added or not) for these.
bool ReadSetting(absl::string_view key, const YamlNode& node, Sweep& sweep, ReadContext& context);

}  // namespace firstguess
