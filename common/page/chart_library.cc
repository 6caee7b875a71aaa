#include "common/page/chart_library.h"

#include "common/page/embed.h"

FIRSTGUESS_EMBED(firstguess_chart_library, FIRSTGUESS_CHART_LIBRARY);

namespace firstguess {

absl::string_view ChartLibrary() { return FIRSTGUESS_EMBEDDED(firstguess_chart_library); }

}  // namespace firstguess
