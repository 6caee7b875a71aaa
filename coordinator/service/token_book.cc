#include "coordinator/service/token_book.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/hash.h"
#include "common/secret_file.h"

namespace firstguess {
namespace {

constexpr size_t kDigestDigits = 64;

bool IsDigest(absl::string_view text) {
  return text.size() == kDigestDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

}  // namespace

absl::StatusOr<TokenBook> TokenBook::Read(const std::string& path) {
  const absl::StatusOr<std::string> content = ReadPrivateFile(path, "the tokens' digests");
  if (!content.ok()) return content.status();
  TokenBook book;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(*content, '\n')) {
    ++number;
    const absl::string_view said = line.substr(0, line.find('#'));
    const std::vector<std::string> words =
        absl::StrSplit(said, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty()) continue;
    const std::optional<Role> role = FindRole(words[0]);
    // Whatever it says is not repeated: it may be a token that somebody wrote down there.
    if (words.size() != 3 || !role.has_value() || !IsDigest(words[2])) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ":", number, ": a line is ROLE NAME DIGEST: viewer, submitter, worker or admin; a ",
          "name; the token's SHA-256 in hex, as sha256sum prints it"));
    }
    book.entries_.push_back({.digest = absl::AsciiStrToLower(words[2]),
                             .caller = {.name = absl::StrCat("token:", words[1]), .role = *role}});
  }
  return book;
}

const Caller* TokenBook::Find(absl::string_view token) const {
  const std::string digest = Sha256Hex(token);
  const Caller* found = nullptr;
  for (const Entry& entry : entries_) {
    if (SameSecret(entry.digest, digest)) found = &entry.caller;
  }
  return found;
}

}  // namespace firstguess
