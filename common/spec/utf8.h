#pragma once

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "common/spec/spec_errors.h"

namespace firstguess {

// The first byte that is not part of well-formed UTF-8, if there is one.
std::optional<size_t> FindInvalidUtf8(absl::string_view text);

// Characters (code points) in `text`. REQUIRES: well-formed UTF-8.
size_t CountCharacters(absl::string_view text);

// The line and column of the byte at `offset`.
Place PlaceAt(absl::string_view text, size_t offset);

}  // namespace firstguess
