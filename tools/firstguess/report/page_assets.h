#pragma once

#include "absl/strings/string_view.h"

namespace firstguess {

// The parts of a report's page, embedded at build. Static.
absl::string_view PageTemplate();  // page/report.html
absl::string_view PageStyle();     // page/report.css, after the colours of common/page
absl::string_view PageScript();    // page/*.js and common/page/*.js, in one function of its own

}  // namespace firstguess
