#include "common/spec/scalar_text.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/spec/fields.h"
#include "common/spec/spec_errors.h"

namespace firstguess {
namespace {

absl::Status Must(absl::string_view what, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("must be ", what, ", not ", Shown(text)));
}

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

absl::string_view WithoutSign(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
  return text;
}

bool HasLeadingZero(absl::string_view digits) { return digits.size() > 1 && digits[0] == '0'; }

absl::string_view TakeDigits(absl::string_view& text) {
  const auto end =
      std::find_if_not(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
  const absl::string_view digits = text.substr(0, end - text.begin());
  text.remove_prefix(digits.size());
  return digits;
}

// [sign] digits [. digits] [e [sign] digits], with a digit before or after the point.
bool IsDecimal(absl::string_view text) {
  text = WithoutSign(text);
  const absl::string_view whole = TakeDigits(text);
  absl::string_view fraction;
  if (absl::ConsumePrefix(&text, ".")) fraction = TakeDigits(text);
  if (whole.empty() && fraction.empty()) return false;
  if (HasLeadingZero(whole)) return false;
  if (absl::ConsumePrefix(&text, "e") || absl::ConsumePrefix(&text, "E")) {
    text = WithoutSign(text);
    if (TakeDigits(text).empty()) return false;
  }
  return text.empty();
}

}  // namespace

absl::StatusOr<int64_t> ParseInteger(absl::string_view text) {
  const absl::string_view digits = WithoutSign(text);
  if (digits.empty() || !AllDigits(digits)) return Must("an integer in decimal digits", text);
  if (HasLeadingZero(digits)) return Must("an integer without leading zeros", text);
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || value > kMaxInteger || value < -kMaxInteger) {
    return Must("an integer of at most 2^53 - 1", text);
  }
  return value;
}

absl::StatusOr<double> ParseReal(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(WithoutSign(text));
  if (lower == ".nan" || lower == ".inf" || lower == "nan" || lower == "inf") {
    return Must("a finite number", text);
  }
  if (AllDigits(lower) && HasLeadingZero(lower))
    return Must("a number without leading zeros", text);
  if (!IsDecimal(text)) return Must("a number", text);
  absl::string_view unsigned_plus = text;
  absl::ConsumePrefix(&unsigned_plus, "+");  // from_chars takes none
  double value = 0;
  const auto result =
      std::from_chars(unsigned_plus.data(), unsigned_plus.data() + unsigned_plus.size(), value);
  if (result.ec != std::errc()) return Must("a number that binary64 can hold", text);
  return value;
}

absl::StatusOr<int64_t> ParseBytes(absl::string_view text) {
  constexpr std::pair<absl::string_view, int> kUnits[] = {
      {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
  absl::string_view number = text;
  int shift = 0;
  for (const auto& [unit, unit_shift] : kUnits) {
    if (absl::ConsumeSuffix(&number, unit)) {
      shift = unit_shift;
      break;
    }
  }
  const absl::StatusOr<int64_t> count = ParseInteger(number);
  if (!count.ok() || *count < 0 || *count > (kMaxInteger >> shift)) {
    return Must("bytes, such as 17179869184 or 16GiB", text);
  }
  return *count << shift;
}

}  // namespace firstguess
