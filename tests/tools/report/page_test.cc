#include "tools/firstguess/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "common/page/chart_library.h"
#include "tools/firstguess/report/page_assets.h"

namespace firstguess {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kEvil[] = "</script><script>alert(1)</script><!-- {{data}} & \"it's\"";

json Report(const std::string& name) {
  return {{"sweep", {{"name", name}, {"state", "done"}}}, {"note", name}};
}

// What stands in the page between two markers.
std::string Between(const std::string& page, absl::string_view begin, absl::string_view end) {
  const size_t from = page.find(std::string(begin)) + begin.size();
  return page.substr(from, page.find(std::string(end), from) - from);
}

TEST(Page, JsonCanNotEndItsScript) {
  const std::string text = EscapeJson({{"spec", kEvil}});
  EXPECT_EQ(text.find('<'), std::string::npos) << text;
  EXPECT_EQ(json::parse(text)["spec"], kEvil) << "and still says the same";
}

TEST(Page, JsonOfBrokenTextIsStillJson) {
  const std::string text = EscapeJson({{"message", "caf\xe9"}});
  EXPECT_EQ(json::parse(text)["message"], "caf\xef\xbf\xbd");
}

TEST(Page, NamesOutOfTheDatabaseAreText) {
  const std::string page = Page(Report(kEvil), {absl::StrCat("  ", kEvil)});
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("<h1>&lt;/script&gt;"));
  EXPECT_THAT(page, HasSubstr("<li class=\"detail\">&lt;/script&gt;"));
  const std::string data = Between(page, "id=\"report-data\">", "</script>");
  EXPECT_EQ(json::parse(data)["note"], kEvil) << "slots in a value are not filled";
}

TEST(Page, PolicyAllowsExactlyThePagesOwnScripts) {
  const std::string page = Page(Report("sample"), {});
  const std::string policy = Between(page, "Content-Security-Policy\" content=\"", "\">");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'sha256-"));
  const auto hash = [](absl::string_view content) {
    return absl::StrCat("'sha256-", absl::Base64Escape(Sha256(content)), "'");
  };
  EXPECT_THAT(policy, HasSubstr(hash(PageScript())));
  EXPECT_THAT(policy, HasSubstr(hash(ChartLibrary())));
  EXPECT_THAT(policy, HasSubstr(hash(PageStyle())));
  const size_t scripts = policy.find("script-src");
  EXPECT_THAT(policy.substr(scripts, policy.find(';', scripts) - scripts),
              Not(HasSubstr("unsafe")));
}

TEST(Page, EmbeddedPartsCanStandInsideTheirElements) {
  for (const absl::string_view script : {PageScript(), ChartLibrary()}) {
    EXPECT_EQ(script.find("</script"), script.npos);
    EXPECT_EQ(script.find("<!--"), script.npos);
  }
  EXPECT_EQ(PageStyle().find("</style"), PageStyle().npos);
  EXPECT_NE(ChartLibrary().find("Apache License"), ChartLibrary().npos) << "its licence stays";
}

TEST(Page, LoadsNothing) {
  for (const absl::string_view part : {PageTemplate(), PageStyle(), PageScript()}) {
    for (const char* word : {"http:", "https:", "url(", "@import", "src=", "<link"}) {
      EXPECT_EQ(part.find(word), part.npos) << word;
    }
  }
}

}  // namespace
}  // namespace firstguess
