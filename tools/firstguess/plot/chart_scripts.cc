#include "tools/firstguess/plot/chart_scripts.h"

#include "common/page/embed.h"

// CMakeLists.txt names the file.
FIRSTGUESS_EMBED(firstguess_chart_scripts, FIRSTGUESS_CHART_SCRIPTS);

namespace firstguess {

absl::string_view ChartScripts() { return FIRSTGUESS_EMBEDDED(firstguess_chart_scripts); }

}  // namespace firstguess
