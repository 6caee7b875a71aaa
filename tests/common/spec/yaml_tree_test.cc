#include "common/spec/yaml_tree.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = YamlNode::Kind;

struct TreeRead {
  std::optional<YamlNode> root;
  std::vector<std::string> errors;
};

TreeRead ReadTree(absl::string_view text) {
  SpecErrors errors("y");
  TreeRead read;
  read.root = ParseYaml(text, errors);
  for (const SpecError& error : errors.Sorted()) read.errors.push_back(error.ToString());
  return read;
}

TEST(ParseYamlTest, KeepsOrderPlacesAndText) {
  const TreeRead read = ReadTree("b: 010\na: ['1', x]\nb:\n");
  ASSERT_THAT(read.errors, IsEmpty());
  const auto& entries = read.root->entries;
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].key, "b");
  EXPECT_EQ(entries[0].value.text, "010");
  EXPECT_FALSE(entries[0].value.quoted);
  EXPECT_EQ(entries[1].value.place.line, 2);
  EXPECT_EQ(entries[1].value.place.column, 4);
  EXPECT_TRUE(entries[1].value.items[0].quoted);
  EXPECT_EQ(entries[1].value.items[1].place.column, 10);
  EXPECT_EQ(entries[2].key, "b");
  EXPECT_EQ(entries[2].value.kind, Kind::kNull);
  EXPECT_EQ(entries[2].value.place.line, 3);
}

TEST(ParseYamlTest, ErrorsOfSyntaxHaveTheirPlace) {
  EXPECT_THAT(ReadTree("a: 1\n b: 2\n").errors, ElementsAre("y:2:3: not YAML: illegal map value"));
  EXPECT_THAT(ReadTree("a: \"\\q\"\n").errors,
              ElementsAre("y:1:7: not YAML: unknown escape character: q"));
}

// The library names the start of the file here.
TEST(ParseYamlTest, AnUnclosedBracketIsNamedWhereItOpens) {
  EXPECT_THAT(ReadTree("a: 1\nb: [1,\n  2\n").errors,
              ElementsAre("y:2:4: not YAML: what opens here is not closed"));
  EXPECT_THAT(ReadTree("a: 1\nb: {c: {d: 1}\n").errors,
              ElementsAre("y:2:4: not YAML: what opens here is not closed"));
}

TEST(ParseYamlTest, NestingIsBounded) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_THAT(ReadTree(nested(32)).errors, IsEmpty());
  EXPECT_THAT(ReadTree(nested(33)).errors, ElementsAre("y:1:33: nested deeper than 32 levels"));
  EXPECT_THAT(ReadTree(std::string(20000, '[')).errors,
              ElementsAre(HasSubstr("nested deeper than 32 levels")));
}

TEST(ParseYamlTest, SizeIsBounded) {
  const std::string megabyte = "a: 1 #" + std::string((1 << 20) - 6, 'x');
  EXPECT_THAT(ReadTree(megabyte).errors, IsEmpty());
  EXPECT_THAT(ReadTree(megabyte + "x").errors, ElementsAre("y:1:1: larger than 1048576 bytes"));
}

TEST(ParseYamlTest, RefusesBytesThatAreNoText) {
  EXPECT_THAT(ReadTree("a: 1\nb: \xff\n").errors, ElementsAre("y:2:4: not UTF-8"));
  EXPECT_THAT(ReadTree(std::string("a: 1\n\0b: 2", 10)).errors,
              ElementsAre("y:2:1: a control character"));
  // The library would end the file here, silently.
  EXPECT_THAT(ReadTree("a: 1\n\x04\nb: 2").errors, ElementsAre("y:2:1: a control character"));
}

TEST(ParseYamlTest, RefusesSecondDocuments) {
  EXPECT_THAT(ReadTree("a: 1\n---\nb: 1\n").errors,
              ElementsAre("y:2:1: a second document starts here; a sweep file holds one"));
}

TEST(ParseYamlTest, RefusesAliasesTagsAndKeysThatAreNoWords) {
  const TreeRead read = ReadTree("a: &x 1\nb: *x\nc: !!int 3\n? [k]\n: 1\n~: 2\n");
  EXPECT_THAT(read.errors,
              ElementsAre("y:2:4: aliases are not supported: write the value out",
                          "y:3:4: tags are not supported: remove `tag:yaml.org,2002:int`",
                          "y:4:3: a key must be a word", "y:6:1: a key must be a word"));
  EXPECT_EQ(read.root->entries[1].value.kind, Kind::kInvalid);
}

}  // namespace
}  // namespace firstguess
