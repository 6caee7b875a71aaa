#include "tools/firstguess/report/page_assets.h"

// The assembler copies each file into the read-only data; CMakeLists.txt names the files.
#define FIRSTGUESS_EMBED(symbol, file)     \
  __asm__(".pushsection .rodata\n" #symbol \
          "_begin:\n"                      \
          ".incbin \"" file "\"\n" #symbol \
          "_end:\n"                        \
          ".byte 0\n.popsection\n");       \
  extern "C" const char symbol##_begin[];  \
  extern "C" const char symbol##_end[]

FIRSTGUESS_EMBED(firstguess_page_template, FIRSTGUESS_PAGE_TEMPLATE);
FIRSTGUESS_EMBED(firstguess_page_style, FIRSTGUESS_PAGE_STYLE);
FIRSTGUESS_EMBED(firstguess_page_script, FIRSTGUESS_PAGE_SCRIPT);
FIRSTGUESS_EMBED(firstguess_chart_library, FIRSTGUESS_CHART_LIBRARY);

namespace firstguess {
namespace {

absl::string_view Between(const char* begin, const char* end) {
  return absl::string_view(begin, static_cast<size_t>(end - begin));
}

}  // namespace

absl::string_view PageTemplate() {
  return Between(firstguess_page_template_begin, firstguess_page_template_end);
}
absl::string_view PageStyle() {
  return Between(firstguess_page_style_begin, firstguess_page_style_end);
}
absl::string_view PageScript() {
  return Between(firstguess_page_script_begin, firstguess_page_script_end);
}
absl::string_view ChartLibrary() {
  return Between(firstguess_chart_library_begin, firstguess_chart_library_end);
}

}  // namespace firstguess
