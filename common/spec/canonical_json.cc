#include "common/spec/canonical_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace firstguess {
namespace {

// Where a byte of UTF-8 stands in the order of UTF-16 code units. Only there does it differ from
// the order of bytes: characters beyond U+FFFF (first byte F0 and up) are surrogate pairs, which
// sort before U+E000 (first byte EE and up).
int Utf16Rank(char byte) {
  const int value = static_cast<unsigned char>(byte);
  if (value >= 0xf0) return value - 0x10 + 0x0e;
  if (value >= 0xee) return value + 0x10;
  return value;
}

bool Utf16Less(const std::string& a, const std::string& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return Utf16Rank(x) < Utf16Rank(y); });
}

void AppendValue(const nlohmann::json& value, std::string* out);

void AppendObject(const nlohmann::json& value, std::string* out) {
  std::vector<std::pair<std::string, const nlohmann::json*>> members;
  for (const auto& member : value.items()) members.emplace_back(member.key(), &member.value());
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return Utf16Less(a.first, b.first); });
  out->push_back('{');
  absl::string_view separator = "";
  for (const auto& [key, member] : members) {
    absl::StrAppend(out, std::exchange(separator, ","));
    AppendJsonString(key, out);
    out->push_back(':');
    AppendValue(*member, out);
  }
  out->push_back('}');
}

void AppendArray(const nlohmann::json& value, std::string* out) {
  out->push_back('[');
  absl::string_view separator = "";
  for (const nlohmann::json& item : value) {
    absl::StrAppend(out, std::exchange(separator, ","));
    AppendValue(item, out);
  }
  out->push_back(']');
}

void AppendValue(const nlohmann::json& value, std::string* out) {
  if (value.is_object()) {
    AppendObject(value, out);
  } else if (value.is_array()) {
    AppendArray(value, out);
  } else if (value.is_string()) {
    AppendJsonString(value.get_ref<const std::string&>(), out);
  } else if (value.is_number_float()) {
    AppendJsonNumber(value.get<double>(), out);
  } else {
    out->append(value.dump());
  }
}

}  // namespace

void AppendJsonNumber(double number, std::string* out) {
  if (number == 0) {
    out->push_back('0');
    return;
  }
  if (number < 0) {
    out->push_back('-');
    number = -number;
  }
  // "d.ddde±xx" with the fewest digits that read back as `number`.
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 std::chars_format::scientific);
  const absl::string_view text(buffer.data(), end.ptr - buffer.data());
  const size_t mark = text.find('e');
  std::string digits(text.substr(0, 1));
  if (mark > 2) absl::StrAppend(&digits, text.substr(2, mark - 2));
  int exponent = 0;
  // SimpleAtoi takes the sign and leading zeros of "+05".
  (void)absl::SimpleAtoi(text.substr(mark + 1), &exponent);

  // ECMAScript's Number::toString, with its names: k digits, value = digits * 10^(n - k).
  const int k = static_cast<int>(digits.size());
  const int n = exponent + 1;
  if (k <= n && n <= 21) {
    absl::StrAppend(out, digits, std::string(n - k, '0'));
  } else if (0 < n && n <= 21) {
    absl::StrAppend(out, digits.substr(0, n), ".", digits.substr(n));
  } else if (-6 < n && n <= 0) {
    absl::StrAppend(out, "0.", std::string(-n, '0'), digits);
  } else {
    absl::StrAppend(out, digits.substr(0, 1));
    if (k > 1) absl::StrAppend(out, ".", digits.substr(1));
    absl::StrAppend(out, exponent < 0 ? "e-" : "e+", std::abs(exponent));
  }
}

void AppendJsonString(absl::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
        out->push_back('\\');
        out->push_back(c);
        break;
      case '\b':
        out->append("\\b");
        break;
      case '\t':
        out->append("\\t");
        break;
      case '\n':
        out->append("\\n");
        break;
      case '\f':
        out->append("\\f");
        break;
      case '\r':
        out->append("\\r");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out->append("\\u00");
          out->push_back(kHex[c >> 4]);
          out->push_back(kHex[c & 15]);
        } else {
          out->push_back(c);
        }
    }
  }
  out->push_back('"');
}

std::string CanonicalText(const nlohmann::json& value) {
  std::string out;
  AppendValue(value, &out);
  return out;
}

}  // namespace firstguess
