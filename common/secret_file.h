#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// Secrets come from files, never from arguments or the environment, which other people of the
// machine may read.

// The content of a file, 1 MiB at most, that only its owner can read or write. `what` is in it, for
// errors: "the token". PermissionDenied: others have access, or we have none. NotFound: no such
// file. InvalidArgument: too large, or no file.
absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, absl::string_view what);

// The first line of such a file, a token of 16 characters at least. InvalidArgument: it is shorter.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

// How long it takes tells only the lengths.
bool SameSecret(absl::string_view a, absl::string_view b);

}  // namespace firstguess
