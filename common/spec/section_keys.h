#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess {

// The maps of a sweep file whose keys are fields.
enum class SpecMap { kTop, kTrain, kMeasure, kInitCondition, kGrid };

// The keys that `map` may have: fields by their names, under `init_condition` too, where the file
// spells them max_guess: {min, max} and tries.
const std::vector<absl::string_view>& KeysOf(SpecMap map);

struct UnknownKey {
  std::string message;
  // The key that was probably meant; empty if none is near.
  absl::string_view meant;
};

// What to say of a key that is not in KeysOf(map): where it belongs, or which key was probably
// meant.
UnknownKey ExplainUnknownKey(absl::string_view key, SpecMap map);

}  // namespace firstguess
