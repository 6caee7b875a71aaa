#include "tools/firstguess/report/page.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/hash.h"
#include "common/page/chart_library.h"
#include "tools/firstguess/report/page_assets.h"

namespace firstguess {
namespace {

// The source expression that allows exactly this inline script or style.
std::string HashSource(absl::string_view content) {
  return absl::StrCat("'sha256-", absl::Base64Escape(Sha256(content)), "'");
}

// Charts set style attributes on their shapes, which only 'unsafe-inline' allows; they can't load
// anything either, since default-src is 'none'.
std::string Policy(absl::string_view style, absl::string_view charts, absl::string_view script) {
  return absl::StrCat("default-src 'none'; script-src ", HashSource(charts), " ",
                      HashSource(script), "; style-src ", HashSource(style),
                      "; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'none'");
}

std::string FindingsHtml(const std::vector<std::string>& findings) {
  std::string html;
  for (absl::string_view line : findings) {
    const bool detail = absl::ConsumePrefix(&line, "  ");
    absl::StrAppend(&html, "      <li", detail ? " class=\"detail\"" : "", ">", EscapeHtml(line),
                    "</li>\n");
  }
  return html;
}

// Fills the template's {{slots}} in one pass, so that a slot's content is never searched for slots.
std::string Fill(absl::string_view text,
                 const std::vector<std::pair<absl::string_view, std::string>>& slots) {
  std::string filled;
  while (!text.empty()) {
    const size_t open = text.find("{{");
    const size_t close = text.find("}}", open == text.npos ? 0 : open);
    if (open == text.npos || close == text.npos) break;
    const absl::string_view name = text.substr(open + 2, close - open - 2);
    absl::StrAppend(&filled, text.substr(0, open));
    for (const auto& [slot, content] : slots) {
      if (slot == name) filled += content;
    }
    text.remove_prefix(close + 2);
  }
  absl::StrAppend(&filled, text);
  return filled;
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string EscapeJson(const nlohmann::json& json) {
  const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return absl::StrReplaceAll(text, {{"<", "\\u003c"}});
}

std::string Page(const nlohmann::json& report, const std::vector<std::string>& findings) {
  const std::string name = report["sweep"]["name"].get<std::string>();
  return Fill(PageTemplate(), {{"policy", Policy(PageStyle(), ChartLibrary(), PageScript())},
                               {"title", EscapeHtml(absl::StrCat(name, " · firstguess"))},
                               {"name", EscapeHtml(name)},
                               {"state", EscapeHtml(report["sweep"]["state"].get<std::string>())},
                               {"version", FIRSTGUESS_VERSION},
                               {"style", std::string(PageStyle())},
                               {"findings", FindingsHtml(findings)},
                               {"data", EscapeJson(report)},
                               {"charts", std::string(ChartLibrary())},
                               {"script", std::string(PageScript())}});
}

}  // namespace firstguess
