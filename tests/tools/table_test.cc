#include "tools/firstguess/table.h"

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/tools/fake_terminal.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

TEST(TableTest, ColumnsAreAlignedAndNumbersStandRight) {
  FakeTerminal terminal;
  Table table({{"sweep"}, {"done", Table::Align::kRight}});
  table.AddRow({"first-guess", "57"});
  table.AddRow({"wide", "1\u202f234"});
  table.Print(&terminal);
  EXPECT_EQ(terminal.text,
            "sweep         done\n"
            "first-guess     57\n"
            "wide         1\u202f234\n");
}

TEST(TableTest, WithoutRowsTheHeadingsRemain) {
  FakeTerminal terminal;
  terminal.terminal_width = 10;
  Table({{"a rather long heading"}, {"another"}}).Print(&terminal);
  EXPECT_EQ(terminal.text, "a rather long heading  another\n");
}

TEST(TableTest, TheWidestColumnIsShortenedUntilTheTableFits) {
  FakeTerminal terminal;
  terminal.terminal_width = 24;
  Table table({{"name"}, {"message"}});
  table.AddRow({"local-1", "the trainer was killed by signal 9"});
  table.Print(&terminal);
  EXPECT_EQ(terminal.text,
            "name     message\n"
            "local-1  the trainer wa\u2026\n");
}

TEST(TableTest, SentencesAreBrokenBetweenWords) {
  FakeTerminal terminal;
  terminal.terminal_width = 31;
  Table table({{"name"}, {"meaning", Table::Align::kLeft, true}, {"n", Table::Align::kRight}});
  table.AddRow({"local-1", "killed by a signal", "9"});
  table.AddRow({"b", "short", "10"});
  table.Print(&terminal);
  EXPECT_EQ(terminal.text,
            "name     meaning              n\n"
            "local-1  killed by a signal   9\n"
            "b        short               10\n");
  terminal.text.clear();
  terminal.terminal_width = 24;
  table.Print(&terminal);
  EXPECT_EQ(terminal.text,
            "name     meaning       n\n"
            "local-1  killed by a   9\n"
            "         signal\n"
            "b        short        10\n");
}

TEST(TableTest, APipeGetsEveryColumnWhole) {
  FakeTerminal terminal;
  Table table({{"text"}});
  table.AddRow({std::string(300, 'x')});
  table.Print(&terminal);
  EXPECT_EQ(terminal.text, "text\n" + std::string(300, 'x') + "\n");
}

TEST(TableTest, ATableThatWouldBeUnreadableBecomesBlocks) {
  FakeTerminal terminal;
  terminal.terminal_width = 30;
  Table table({{"learning_rate"}, {"init_scale"}, {"data_seed"}, {"activation"}});
  table.AddRow({"0.05", "1", "0", "relu"});
  table.AddRow({"0.1", "1", "0", "a very long name of an activation"});
  table.Print(&terminal);
  EXPECT_EQ(terminal.text,
            "learning_rate  0.05\n"
            "init_scale     1\n"
            "data_seed      0\n"
            "activation     relu\n"
            "\n"
            "learning_rate  0.1\n"
            "init_scale     1\n"
            "data_seed      0\n"
            "activation     a very long\n"
            "               name of an\n"
            "               activation\n");
}

TEST(TableTest, NoLineIsWiderThanTheTerminal) {
  for (int width = 12; width <= 100; ++width) {
    FakeTerminal terminal;
    terminal.terminal_width = width;
    Table table({{"one"}, {"two", Table::Align::kRight}, {"three"}});
    table.AddRow({"first-guess", "1234567", std::string(60, 'm')});
    table.AddRow({"w", "1", "short"});
    table.Print(&terminal);
    for (const auto line : absl::StrSplit(terminal.text, '\n')) {
      ASSERT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(TableTest, WideCharactersTakeTheirColumns) {
  FakeTerminal terminal;
  terminal.terminal_width = 14;
  Table table({{"sweep"}, {"done", Table::Align::kRight}});
  table.AddRow({"\U0001f680 \u5e45", "57"});
  table.AddRow({"\u5e45\u5e45\u5e45\u5e45\u5e45\u5e45", "1"});
  table.Print(&terminal);
  EXPECT_EQ(terminal.text,
            "sweep     done\n"
            "\U0001f680 \u5e45       57\n"
            "\u5e45\u5e45\u5e45\u2026      1\n");
}

TEST(TableTest, CellsCannotMoveTheCursor) {
  FakeTerminal terminal;
  Table table({{"message"}});
  table.AddRow({"two\nlines\x1b[2J"});
  table.Print(&terminal);
  EXPECT_EQ(terminal.text, "message\ntwo\\nlines\\x1b[2J\n");
}

TEST(TableTest, HeadingsAreBoldWhereThereAreColours) {
  FakeTerminal terminal;
  terminal.with_colours = true;
  Table table({{"a"}});
  table.AddRow({"1"});
  table.Print(&terminal);
  EXPECT_EQ(terminal.text, "\x1b[1ma\x1b[0m\n1\n");
}

}  // namespace
}  // namespace firstguess
