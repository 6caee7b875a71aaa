#include "common/spec/map_reader.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/spec/hint.h"

namespace firstguess {

using Entries = std::vector<const YamlNode::Entry*>;

Entries ReadEntries(const YamlNode& map, ReadContext& context) {
  Entries entries;
  absl::flat_hash_map<absl::string_view, int> lines;
  for (const YamlNode::Entry& entry : map.entries) {
    if (entry.key == "<<") {
      context.errors.Add(entry.place, "merge keys (<<) are not supported: write the fields out");
      continue;
    }
    const auto [first, is_new] = lines.emplace(entry.key, entry.place.line);
    if (is_new) {
      entries.push_back(&entry);
    } else {
      context.errors.Add(entry.place, absl::StrCat("duplicate key ", Shown(entry.key),
                                                   ", first on line ", first->second));
    }
  }
  return entries;
}

Entries ReadKnownEntries(const YamlNode& map, absl::string_view where,
                         const std::vector<absl::string_view>& known, ReadContext& context) {
  Entries entries;
  for (const YamlNode::Entry* entry : ReadEntries(map, context)) {
    if (std::find(known.begin(), known.end(), entry->key) != known.end()) {
      entries.push_back(entry);
    } else {
      context.errors.Add(entry->place, absl::StrCat("unknown key ", Shown(entry->key), " in ",
                                                    where, Hint(entry->key, known)));
    }
  }
  return entries;
}

bool IsMap(const YamlNode& node, absl::string_view where, ReadContext& context) {
  if (node.kind == YamlNode::Kind::kMap || node.kind == YamlNode::Kind::kNull) return true;
  if (node.kind != YamlNode::Kind::kInvalid) {
    context.errors.Add(node.place, absl::StrCat(where, " must be a map of keys to values"));
  }
  return false;
}

}  // namespace firstguess
