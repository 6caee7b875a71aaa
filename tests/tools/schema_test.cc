// What 'firstguess schema' says of the database.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "coordinator/store/data_dictionary.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tools/firstguess/exit_codes.h"
#include "tools/firstguess/wrapped.h"

namespace firstguess {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
using Json = nlohmann::json;

class SchemaCommandTest : public CliFixture {};

TEST_F(SchemaCommandTest, SaysInJsonAllThatTheDictionarySays) {
  EXPECT_EQ(Run({"schema", "--json"}), kExitDone) << err_.text;
  const Json answer = Json::parse(out_.text);
  const auto dictionary = DataDictionary();
  ASSERT_TRUE(dictionary.ok());
  ASSERT_EQ(answer["tables"].size(), dictionary->size());
  for (size_t i = 0; i < dictionary->size(); ++i) {
    const DescribedTable& table = (*dictionary)[i];
    const Json& said = answer["tables"][i];
    EXPECT_EQ(said["name"], table.name);
    EXPECT_EQ(said["kind"], table.is_view ? "view" : "table");
    EXPECT_EQ(said["meaning"], table.meaning);
    ASSERT_EQ(said["columns"].size(), table.columns.size());
    for (size_t c = 0; c < table.columns.size(); ++c) {
      EXPECT_EQ(said["columns"][c]["name"], table.columns[c].name);
      EXPECT_EQ(said["columns"][c]["type"], table.columns[c].type);
      EXPECT_EQ(said["columns"][c]["meaning"], table.columns[c].meaning);
    }
  }
}

TEST_F(SchemaCommandTest, SaysInTextAllThatTheDictionarySays) {
  EXPECT_EQ(Run({"schema"}), kExitDone) << err_.text;
  const auto dictionary = DataDictionary();
  ASSERT_TRUE(dictionary.ok());
  for (const DescribedTable& table : *dictionary) {
    EXPECT_THAT(out_.text, HasSubstr(table.name + (table.is_view ? " (view)\n" : " (table)\n") +
                                     table.meaning + "\n"));
    for (const DescribedColumn& column : table.columns) {
      EXPECT_THAT(out_.text, HasSubstr("  " + column.meaning + "\n"));
    }
  }
  EXPECT_THAT(out_.text,
              ContainsRegex("\n  trial_id +INTEGER  number of the trial in this database\n"));
}

TEST_F(SchemaCommandTest, OneTableIsSaidAlone) {
  EXPECT_EQ(Run({"schema", "progress"}), kExitDone) << err_.text;
  EXPECT_THAT(out_.Take(), StartsWith("progress (view)\nOne row per sweep: "));
  EXPECT_EQ(Run({"schema", "trial_summary", "--json"}), kExitDone) << err_.text;
  const Json answer = Json::parse(out_.text);
  ASSERT_THAT(answer["tables"], SizeIs(1));
  EXPECT_EQ(answer["tables"][0]["name"], "trial_summary");
}

TEST_F(SchemaCommandTest, AnUnknownTableGetsASuggestion) {
  EXPECT_EQ(Run({"schema", "trajectroy"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("there is no table or view 'trajectroy' (did you mean "
                                   "`trajectory`?)"));
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(SchemaCommandTest, KeepsToTheTerminalsWidth) {
  out_.terminal_width = 72;
  EXPECT_EQ(Run({"schema"}), kExitDone) << err_.text;
  for (const absl::string_view line : absl::StrSplit(out_.text, '\n')) {
    EXPECT_LE(line.size(), 72u) << line;
    EXPECT_THAT(std::string(line), Not(HasSubstr("…")));
  }
}

TEST(WrappedTest, BreaksBetweenWords) {
  EXPECT_THAT(Wrapped("one two three", 0), ElementsAre("one two three"));
  EXPECT_THAT(Wrapped("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrapped("one twenty-three four", 5), ElementsAre("one", "twenty-three", "four"));
  EXPECT_THAT(Wrapped("", 7), ElementsAre(""));
}

}  // namespace
}  // namespace firstguess
