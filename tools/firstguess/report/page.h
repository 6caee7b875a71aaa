#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace firstguess {

// A report's HTML: the template of page/report.html with style, scripts and chart library of this
// build in it, and a Content-Security-Policy that lets nothing else run or load.
std::string Page(const nlohmann::json& report, const std::vector<std::string>& findings);

// `text` with the characters that mean something to HTML replaced.
std::string EscapeHtml(absl::string_view text);

// `json` as one line that may stand inside <script>: no "<" is left in it. Bytes that are not UTF-8
// become U+FFFD.
std::string EscapeJson(const nlohmann::json& json);

}  // namespace firstguess
