#include "tools/firstguess/report/page_assets.h"

#include "common/page/embed.h"

// CMakeLists.txt names the files.
FIRSTGUESS_EMBED(firstguess_page_template, FIRSTGUESS_PAGE_TEMPLATE);
FIRSTGUESS_EMBED(firstguess_page_style, FIRSTGUESS_PAGE_STYLE);
FIRSTGUESS_EMBED(firstguess_page_script, FIRSTGUESS_PAGE_SCRIPT);

namespace firstguess {

absl::string_view PageTemplate() { return FIRSTGUESS_EMBEDDED(firstguess_page_template); }
absl::string_view PageStyle() { return FIRSTGUESS_EMBEDDED(firstguess_page_style); }
absl::string_view PageScript() { return FIRSTGUESS_EMBEDDED(firstguess_page_script); }

}  // namespace firstguess
