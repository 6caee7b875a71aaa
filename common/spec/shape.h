#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/trial.h"

namespace firstguess {

// The fields that all trials of a pack share: they decide the computation's shape, its batches and
// its snapshots. Every other field may differ from slot to slot.
const std::vector<absl::string_view>& ShapeFields();

bool IsShapeField(absl::string_view field);

// Equal for two configurations if and only if a pack may hold both. Readable: `name=value` of every
// shape field, comma separated.
std::string ShapeKey(const TrialConfig& config);

}  // namespace firstguess
