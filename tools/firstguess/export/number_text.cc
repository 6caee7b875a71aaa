#include "tools/firstguess/export/number_text.h"

#include <charconv>

#include "absl/strings/string_view.h"

namespace firstguess {

void AppendInteger(int64_t value, std::string* text) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
  text->append(digits, end.ptr);
}

void AppendReal(double value, std::string* text) {
  char digits[64];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
  const absl::string_view written(digits, static_cast<size_t>(end.ptr - digits));
  text->append(written.data(), written.size());
  if (written.find_first_of(".einf") == absl::string_view::npos) text->append(".0");
}

}  // namespace firstguess
