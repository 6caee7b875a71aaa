#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/spec_errors.h"

namespace firstguess {

// A piece of a YAML document that remembers where it stood and keeps everything as it was written:
// map entries in order, duplicates too, and scalars as text. What a scalar means is for the reader
// of a field to say.
struct YamlNode {
  enum class Kind {
    kNull,      // nothing, or ~ or null
    kScalar,    // `text`
    kSequence,  // `items`
    kMap,       // `entries`
    kInvalid,   // reported already: to be passed over in silence
  };
  struct Entry;

  Kind kind = Kind::kNull;
  Place place;
  std::string text;
  bool quoted = false;  // "64" and '64' are words, never numbers
  std::vector<YamlNode> items;
  std::vector<Entry> entries;
};

struct YamlNode::Entry {
  std::string key;
  Place place;
  YamlNode value;
};

// Reads the one document of a file. Refuses, with the place: text that is not UTF-8, control
// characters, more than 1 MiB, nesting deeper than 32, several documents, tags, aliases, and keys
// that are not plain words. Empty after an error of syntax; other errors leave kInvalid nodes.
// Never throws.
std::optional<YamlNode> ParseYaml(absl::string_view text, SpecErrors& errors);

}  // namespace firstguess
