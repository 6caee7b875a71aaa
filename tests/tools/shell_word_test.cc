#include "tools/firstguess/shell_word.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

// What a shell makes of it.
std::string Read(const std::string& word) {
  FILE* const pipe = popen(absl::StrCat("printf %s ", word).c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string text;
  for (int c = 0; (c = fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0);
  return text;
}

TEST(ShellWord, PlainWordsStayAsTheyAre) {
  EXPECT_EQ(ShellWord("first-guess"), "first-guess");
  EXPECT_EQ(ShellWord("unix:/run/a.sock"), "unix:/run/a.sock");
}

TEST(ShellWord, EveryOtherNameComesBackFromTheShellAsItIs) {
  for (const std::string name : {"two words", "it's", "$(rm -rf x)", "`a`", "\U0001f680 \u5e45", "",
                                 "*", "~", "a;b", "\"", "\\", "!x", "#x"}) {
    EXPECT_EQ(Read(ShellWord(name)), name);
  }
}

TEST(ShellWord, AFileIsNoOption) {
  EXPECT_EQ(ShellPath("-rf"), "./-rf");
  EXPECT_EQ(ShellPath("my sweep.db"), "'my sweep.db'");
  EXPECT_EQ(ShellPath("a.db"), "a.db");
}

}  // namespace
}  // namespace firstguess
