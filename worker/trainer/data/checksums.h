#pragma once

#include <string>

#include "absl/status/status.h"

namespace firstguess::trainer {

// The list of sums that a folder may hold.
inline constexpr const char* kChecksumList = "SHA256SUMS";

// Holds the file `path`, as it is stored (compressed, if it is), against the SHA-256 sums that lie
// in `folder`, the data set's, at or above the file's own, and beside it:
//
//   SHA256SUMS      as `sha256sum FILE... > SHA256SUMS` writes it: a line a file, of 64 hexadecimal
//                   digits, blanks, perhaps '*' or "./", and the file's name in `folder`. Empty
//                   lines and those that begin with '#' are passed over, and so are other files'
//                   lines.
//   <path>.sha256   one such line, for this file whatever name it says, or the digits alone.
//
// Ok when neither is there or says anything of the file. DataLoss, naming the file, when its sum is
// another, with both; or naming the list and its line, when that can't be understood. NotFound when
// a file can't be read. Thread-safe.
absl::Status VerifyChecksum(const std::string& folder, const std::string& path);

}  // namespace firstguess::trainer
