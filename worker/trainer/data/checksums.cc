#include "worker/trainer/data/checksums.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/hash.h"

namespace firstguess::trainer {
namespace {

constexpr size_t kDigits = 64;

// A line of a list.
struct Entry {
  std::string sum;   // lower case
  std::string name;  // "" when the line is digits alone
};

absl::Status CannotRead(const std::string& path) {
  return absl::NotFoundError(absl::StrCat(path, ": can't be read"));
}

// An entry without a sum when `line` is none.
Entry ParseLine(absl::string_view line) {
  const absl::string_view digits = line.substr(0, kDigits);
  const bool is_sum = digits.size() == kDigits &&
                      std::all_of(digits.begin(), digits.end(),
                                  [](unsigned char c) { return absl::ascii_isxdigit(c); });
  absl::string_view rest = line.substr(digits.size());
  const absl::string_view name = absl::StripLeadingAsciiWhitespace(rest);
  if (!is_sum || (!rest.empty() && name.size() == rest.size())) return {};
  rest = name;
  absl::ConsumePrefix(&rest, "*");
  absl::ConsumePrefix(&rest, "./");
  return {absl::AsciiStrToLower(digits), std::string(rest)};
}

// The entries of a list, each with a name if `named`.
absl::StatusOr<std::vector<Entry>> ReadList(const std::string& path, bool named) {
  std::ifstream file(path);
  if (!file) return CannotRead(path);
  std::vector<Entry> entries;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const absl::string_view text = absl::StripTrailingAsciiWhitespace(line);
    if (text.empty() || text[0] == '#') continue;
    entries.push_back(ParseLine(text));
    if (entries.back().sum.empty() || (named && entries.back().name.empty())) {
      return absl::DataLossError(absl::StrCat(
          path, ": line ", number, ": not a SHA-256 sum in 64 hexadecimal digits and a file name"));
    }
  }
  return entries;
}

absl::StatusOr<std::string> SumOfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return CannotRead(path);
  Sha256Hasher hasher;
  std::vector<char> buffer(1 << 20);
  do {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hasher.Add(absl::string_view(buffer.data(), static_cast<size_t>(file.gcount())));
  } while (file);
  if (file.bad()) return CannotRead(path);
  return hasher.Hex();
}

}  // namespace

absl::Status VerifyChecksum(const std::string& folder, const std::string& path) {
  const std::string name = std::filesystem::path(path).lexically_relative(folder).string();
  const std::string folders_list = absl::StrCat(folder, "/", kChecksumList);
  const std::string own_list = absl::StrCat(path, ".sha256");
  std::string actual;
  for (const std::string& list : {folders_list, own_list}) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(list, ignored)) continue;
    const absl::StatusOr<std::vector<Entry>> entries = ReadList(list, list == folders_list);
    if (!entries.ok()) return entries.status();
    if (list == own_list && entries->empty()) {
      return absl::DataLossError(absl::StrCat(list, ": holds no SHA-256 sum"));
    }
    for (const Entry& entry : *entries) {
      if (list != own_list && entry.name != name) continue;
      if (actual.empty()) {
        absl::StatusOr<std::string> sum = SumOfFile(path);
        if (!sum.ok()) return sum.status();
        actual = *std::move(sum);
      }
      if (actual != entry.sum) {
        return absl::DataLossError(
            absl::StrCat(path, ": its SHA-256 is ", actual, ", where ", list, " says ", entry.sum));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace firstguess::trainer
