#include "common/spec/spec_errors.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

constexpr size_t kMostErrors = 1000;
constexpr size_t kMostShownBytes = 60;

}  // namespace

void SpecErrors::Add(Place place, absl::string_view message) {
  if (!told_.insert(absl::StrCat(place.line, ":", place.column, ":", message)).second) return;
  if (errors_.size() == kMostErrors) {
    ++left_out_;
    return;
  }
  errors_.push_back(
      {.path = path_, .line = place.line, .column = place.column, .message = std::string(message)});
}

std::vector<SpecError> SpecErrors::Sorted() const {
  std::vector<SpecError> sorted = errors_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const SpecError& a, const SpecError& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (left_out_ > 0) {
    SpecError last = sorted.back();
    last.message = absl::StrCat("and ", left_out_, " more errors");
    sorted.push_back(std::move(last));
  }
  return sorted;
}

std::string Shown(absl::string_view text) {
  size_t size = text.size();
  if (size > kMostShownBytes) {
    size = kMostShownBytes;
    // Not through the middle of a character of UTF-8.
    while (size > 0 && (text[size] & 0xc0) == 0x80) --size;
  }
  std::string shown = "`";
  for (const char c : text.substr(0, size)) {
    shown.push_back(absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? '?' : c);
  }
  absl::StrAppend(&shown, size < text.size() ? "..." : "", "`");
  return shown;
}

}  // namespace firstguess
