#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "common/spec/fields.h"
#include "common/spec/spec_errors.h"
#include "common/spec/yaml_tree.h"

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

// The field of an entry of `map`. If it may not stand there, null, and an error says so. Adds its
// key, and the key that was probably meant, to `mentioned`.
const Field* ReadFieldKey(const YamlNode::Entry& entry, SpecMap map,
                          absl::flat_hash_set<std::string>& mentioned, SpecErrors& errors);

}  // namespace firstguess
