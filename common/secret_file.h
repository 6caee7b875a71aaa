#pragma once

#include <sys/stat.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// Secrets come from files, never from arguments or the environment, which other people of the
// machine may read.

// Whether a file of this kind keeps a secret of `user`'s: none but its owner may do anything with
// it. One of root's may let a group read it besides, if `user` is another, who got it so: a
// Kubernetes secret's group, Debian's ssl-cert.
bool IsPrivate(const struct stat& file, uid_t user);

// That others have access to `what` in a file at `path` that is not private, and what to do.
absl::Status NotPrivate(const std::string& path, absl::string_view what);

// The content of a private file, 1 MiB at most. `what` is in it, for errors: "the token".
// PermissionDenied: others have access, or we have none. NotFound: no such file. InvalidArgument:
// too large, or no file.
absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, absl::string_view what);

// The first line of such a file, a token of 16 characters at least. InvalidArgument: it is shorter.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

// How long it takes tells only the lengths.
bool SameSecret(absl::string_view a, absl::string_view b);

}  // namespace firstguess
