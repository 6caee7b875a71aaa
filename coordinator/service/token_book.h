#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/service/caller.h"

namespace firstguess {

// Who has which token. A file for its owner alone, a line a token:
//
//   ROLE NAME SHA-256-OF-THE-TOKEN        # a comment
//
// so that nobody who reads it, or a copy of it, has a token. A value.
class TokenBook {
 public:
  TokenBook() = default;

  // InvalidArgument, with the line; errors of ReadPrivateFile.
  static absl::StatusOr<TokenBook> Read(const std::string& path);

  // Null: nobody has this token. How long it takes tells nothing about those in the book.
  const Caller* Find(absl::string_view token) const;

 private:
  struct Entry {
    std::string digest;  // hex
    Caller caller;
  };
  std::vector<Entry> entries_;
};

}  // namespace firstguess
