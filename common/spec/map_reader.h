#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/scalar_reader.h"

namespace firstguess {

// The entries of `map` in file order. Adds an error for a key that stands there for the second
// time, and for merge keys, and leaves those out. The entries live as long as `map`.
std::vector<const YamlNode::Entry*> ReadEntries(const YamlNode& map, ReadContext& context);

// The same, less keys that are not in `known`, an error each; `where` names the map ("`pack`").
std::vector<const YamlNode::Entry*> ReadKnownEntries(const YamlNode& map, absl::string_view where,
                                                     const std::vector<absl::string_view>& known,
                                                     ReadContext& context);

// True if `node` is a map. Nothing at all stands for an empty map; anything else is an error that
// calls it `where`.
bool IsMap(const YamlNode& node, absl::string_view where, ReadContext& context);

}  // namespace firstguess
