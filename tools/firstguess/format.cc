#include "tools/firstguess/format.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/firstguess/text_width.h"

namespace firstguess {
namespace {

constexpr absl::string_view kGroupSeparator = "\u202f";
constexpr absl::string_view kEllipsis = "\u2026";

}  // namespace

std::string FormatCount(int64_t count) {
  const std::string digits = absl::StrCat(count);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    const size_t left = digits.size() - i;
    const bool after_digit = i > 0 && digits[i - 1] != '-';
    if (after_digit && left % 3 == 0) absl::StrAppend(&text, kGroupSeparator);
    text += digits[i];
  }
  return text;
}

std::string FormatCountOf(int64_t count, absl::string_view noun) {
  return absl::StrCat(FormatCount(count), " ", noun, count == 1 ? "" : "s");
}

std::string DurationInWords(absl::Duration duration) {
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(duration));
  if (!std::isfinite(seconds) || seconds >= 86400.0 * 365 * 1000) return "for ever";
  if (seconds < 9.95) return absl::StrFormat("%.1f s", seconds);
  const int64_t whole = std::llround(seconds);
  const int64_t s = whole % 60;
  const int64_t min = whole / 60 % 60;
  const int64_t h = whole / 3600 % 24;
  const int64_t d = whole / 86400;
  if (d > 0) return absl::StrCat(FormatCount(d), " d ", h, " h");
  if (h > 0) return absl::StrCat(h, " h ", min, " min");
  if (min > 0) return absl::StrCat(min, " min ", s, " s");
  return absl::StrCat(s, " s");
}

std::string FormatBytes(int64_t bytes) {
  if (bytes < 1000) return absl::StrCat(bytes, " B");
  double value = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"kB", "MB", "GB", "TB", "PB", "EB"}) {
    value /= 1000;
    unit = next;
    if (value < 999.5) break;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return absl::StrFormat("%.*f %s", decimals, value, unit);
}

std::string FormatRate(double per_second) {
  if (!(per_second > 0)) return "";
  double value = per_second;
  const char* unit = "/s";
  if (value < 0.5) {
    value *= 60;
    unit = "/min";
  }
  if (value < 0.5) {
    value *= 60;
    unit = "/h";
  }
  if (value >= 999.5) return absl::StrCat(FormatCount(std::llround(value)), unit);
  return absl::StrFormat("%.*f%s", value < 9.95 ? 1 : 0, value, unit);
}

std::string FormatPercent(int64_t part, int64_t whole) {
  if (whole <= 0) return "100 %";
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  const int percent = part >= whole ? 100 : std::min(99, static_cast<int>(std::floor(share * 100)));
  return absl::StrCat(percent, " %");
}

std::string FormatShare(double share) { return absl::StrCat(std::llround(share * 100), " %"); }

std::string FormatTime(double unix_seconds) {
  const absl::Time time = absl::UnixEpoch() + absl::Seconds(unix_seconds);
  return absl::FormatTime("%Y-%m-%d %H:%M", time, absl::LocalTimeZone());
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const TerminalCharacter character = FirstCharacter(text);
    width += character.columns;
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string Shortened(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  size_t end = 0;
  for (int kept = 0; end < text.size();) {
    const TerminalCharacter character = FirstCharacter(text.substr(end));
    if (kept + character.columns > width - 1) break;
    kept += character.columns;
    end += character.bytes;
  }
  return absl::StrCat(text.substr(0, end), kEllipsis);
}

std::string Visible(absl::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i] == '\n') {
      result += "\\n";
    } else if (text[i] == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&result, "\\x%02x", byte);
    } else if (byte == 0xc2 && i + 1 < text.size() &&
               static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      // C1 controls are C2 80 to C2 9F.
      absl::StrAppendFormat(&result, "\\x%02x", static_cast<unsigned char>(text[++i]));
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace firstguess
