#include "tools/firstguess/export/npy_format.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/spec/utf8.h"

namespace firstguess {

std::string NpyHead(absl::string_view type, int64_t elements) {
  constexpr size_t kAlignment = 64;
  constexpr size_t kBeforeText = 10;
  std::string text =
      absl::StrCat("{'descr': '", type, "', 'fortran_order': False, 'shape': (", elements, ",), }");
  while ((kBeforeText + text.size() + 1) % kAlignment != 0) text.push_back(' ');
  text.push_back('\n');
  std::string head("\x93NUMPY\x01\x00", 8);
  head.push_back(static_cast<char>(text.size() & 0xff));
  head.push_back(static_cast<char>(text.size() >> 8));
  return head + text;
}

std::u32string CodePoints(absl::string_view text) {
  std::u32string points;
  while (!text.empty()) {
    const std::optional<size_t> invalid = FindInvalidUtf8(text);
    const size_t valid = invalid.value_or(text.size());
    for (size_t i = 0; i < valid;) {
      const auto first = static_cast<unsigned char>(text[i]);
      const size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
      char32_t point = size == 1 ? first : first & (0x7f >> size);
      for (size_t k = 1; k < size; ++k) {
        point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3f);
      }
      points.push_back(point);
      i += size;
    }
    if (invalid.has_value()) points.push_back(U'\ufffd');
    text.remove_prefix(valid + (invalid.has_value() ? 1 : 0));
  }
  return points;
}

}  // namespace firstguess
