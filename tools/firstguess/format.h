#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firstguess {

// Numbers as people read them. UTF-8.

// Groups of three, parted by a narrow no-break space (U+202F): 1 234 567.
std::string FormatCount(int64_t count);

// "1 trial", "12 trials". `noun` takes an s.
std::string FormatCountOf(int64_t count, absl::string_view noun);

// The two largest units: "0.4 s", "12 s", "2 min 5 s", "3 h 12 min", "2 d 4 h". Never negative.
std::string DurationInWords(absl::Duration duration);

// Decimal units, three figures: "512 B", "1.25 kB", "68.1 MB".
std::string FormatBytes(int64_t bytes);

// "3.2/s", or for slow ones "12/min" and "5.0/h". Empty for 0.
std::string FormatRate(double per_second);

// Whole percent, rounded down, so that 100 % means all. 0 of 0 is 100 %.
std::string FormatPercent(int64_t part, int64_t whole);

// A share from 0 to 1 in whole percent, rounded.
std::string FormatShare(double share);

// Local time to the minute: "2026-01-31 14:05".
std::string FormatTime(double unix_seconds);

// Columns that `text` takes in a terminal.
int DisplayWidth(absl::string_view text);

// At most `width` columns, the last one an ellipsis if something was cut. REQUIRES: width >= 1.
std::string Shortened(absl::string_view text, int width);

// Control characters made visible, so that data can't move the cursor: "\n", "\t", "\x1b".
std::string Visible(absl::string_view text);

}  // namespace firstguess
