#pragma once

#include "absl/strings/string_view.h"

namespace firstguess {

// The parts of the dashboard's pages, embedded at build. Static.
absl::string_view DashboardHtml();    // pages/dashboard.html
absl::string_view SqlHtml();          // pages/sql.html
absl::string_view DashboardStyle();   // pages/dashboard.css, after the colours of common/page
absl::string_view DashboardScript();  // what pages/dashboard.html runs, in one function of its own
absl::string_view SqlScript();        // what pages/sql.html runs, likewise
absl::string_view ChartScript();      // the chart library
absl::string_view Icon();             // pages/icon.svg

}  // namespace firstguess
