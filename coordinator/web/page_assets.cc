#include "coordinator/web/page_assets.h"

#include "common/page/chart_library.h"
#include "common/page/embed.h"

// CMakeLists.txt names the files.
FIRSTGUESS_EMBED(firstguess_dashboard_html, FIRSTGUESS_PAGES "/dashboard.html");
FIRSTGUESS_EMBED(firstguess_sql_html, FIRSTGUESS_PAGES "/sql.html");
FIRSTGUESS_EMBED(firstguess_dashboard_icon, FIRSTGUESS_PAGES "/icon.svg");
FIRSTGUESS_EMBED(firstguess_dashboard_style, FIRSTGUESS_JOINED "/dashboard.css");
FIRSTGUESS_EMBED(firstguess_dashboard_script, FIRSTGUESS_JOINED "/dashboard.js");
FIRSTGUESS_EMBED(firstguess_sql_script, FIRSTGUESS_JOINED "/sql.js");

namespace firstguess {

absl::string_view DashboardHtml() { return FIRSTGUESS_EMBEDDED(firstguess_dashboard_html); }
absl::string_view SqlHtml() { return FIRSTGUESS_EMBEDDED(firstguess_sql_html); }
absl::string_view DashboardStyle() { return FIRSTGUESS_EMBEDDED(firstguess_dashboard_style); }
absl::string_view DashboardScript() { return FIRSTGUESS_EMBEDDED(firstguess_dashboard_script); }
absl::string_view SqlScript() { return FIRSTGUESS_EMBEDDED(firstguess_sql_script); }
absl::string_view ChartScript() { return ChartLibrary(); }
absl::string_view Icon() { return FIRSTGUESS_EMBEDDED(firstguess_dashboard_icon); }

}  // namespace firstguess
