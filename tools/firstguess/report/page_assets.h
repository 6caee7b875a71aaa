#pragma once

#include "absl/strings/string_view.h"

namespace firstguess {

// The parts of a report's page, embedded at build. Static.
absl::string_view PageTemplate();  // page/report.html
absl::string_view PageStyle();     // page/report.css
absl::string_view PageScript();    // page/*.js, in one function of its own
absl::string_view ChartLibrary();  // echarts.min.js, its licence at its head

}  // namespace firstguess
