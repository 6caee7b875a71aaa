#include "tools/firstguess/rows.h"

#include <cstdlib>
#include <limits>

#include "gtest/gtest.h"
#include "tests/tools/fake_terminal.h"

namespace firstguess {
namespace {

const RowValue kNull = std::monostate();
const RowValue kOne = int64_t{1};

std::string Csv(const std::vector<std::string>& columns, const std::vector<RowValue>& row) {
  FakeTerminal terminal;
  const auto sink = MakeCsvSink(&terminal);
  sink->Columns(columns);
  sink->Row(row);
  sink->Finish();
  return terminal.text;
}

std::string JsonLines(const std::vector<std::string>& columns, const std::vector<RowValue>& row) {
  FakeTerminal terminal;
  const auto sink = MakeJsonLinesSink(&terminal);
  sink->Columns(columns);
  sink->Row(row);
  sink->Finish();
  return terminal.text;
}

TEST(CsvTest, FieldsWithSeparatorsQuotesOrLineEndsAreQuoted) {
  EXPECT_EQ(Csv({"a,b", "c", "d", "e"}, {std::string("x,y"), std::string("say \"no\""),
                                         std::string("two\nlines"), std::string("plain text")}),
            "\"a,b\",c,d,e\n\"x,y\",\"say \"\"no\"\"\",\"two\nlines\",plain text\n");
}

TEST(CsvTest, NullIsEmptyAndAnEmptyTextIsNot) {
  EXPECT_EQ(Csv({"a", "b", "c"}, {kNull, std::string(), kOne}), "a,b,c\n,\"\",1\n");
}

TEST(CsvTest, RealsReadBackAsTheSameNumber) {
  for (const double value : {0.1, 1.0 / 3, 1e300, -5e-324, 0.05, 12345678.9}) {
    const std::string text = Csv({"x"}, {value});
    EXPECT_EQ(std::strtod(text.c_str() + 2, nullptr), value) << text;
  }
  EXPECT_EQ(Csv({"x"}, {0.05}), "x\n0.05\n");
}

TEST(CsvTest, BlobsAreHexadecimal) { EXPECT_EQ(Csv({"x"}, {Blob{"\x01\xff"}}), "x\n01ff\n"); }

TEST(JsonLinesTest, ARowIsAnObjectWithItsColumnsInOrder) {
  EXPECT_EQ(JsonLines({"z", "a", "t"}, {kOne, 0.5, std::string("say \"no\"\n")}),
            "{\"z\":1,\"a\":0.5,\"t\":\"say \\\"no\\\"\\n\"}\n");
}

TEST(JsonLinesTest, NullAndWhatIsNotFiniteAreNull) {
  EXPECT_EQ(JsonLines({"a", "b"}, {kNull, std::numeric_limits<double>::infinity()}),
            "{\"a\":null,\"b\":null}\n");
}

TEST(JsonLinesTest, LargeIntegersKeepEveryDigit) {
  EXPECT_EQ(JsonLines({"seed"}, {int64_t{9007199254740993}}), "{\"seed\":9007199254740993}\n");
}

TEST(JsonLinesTest, ColumnsOfOneNameAreAllKept) {
  EXPECT_EQ(JsonLines({"step", "step"}, {kOne, int64_t{2}}), "{\"step\":1,\"step_2\":2}\n");
}

TEST(JsonLinesTest, BytesThatAreNotTextDoNotBreakTheLine) {
  EXPECT_EQ(JsonLines({"t"}, {std::string("a\xff")}), "{\"t\":\"a\ufffd\"}\n");
}

TEST(TableSinkTest, NumbersStandRightAndRealsAreShort) {
  FakeTerminal terminal;
  const auto sink = MakeTableSink(&terminal);
  sink->Columns({"loss", "max_guess", "step"});
  sink->Row({std::string("blurry"), 1.0 / 3, int64_t{200}});
  sink->Row({std::string("cross_entropy"), kNull, int64_t{7}});
  sink->Finish();
  EXPECT_EQ(terminal.text,
            "loss           max_guess  step\n"
            "blurry          0.333333   200\n"
            "cross_entropy                7\n"
            "(2 rows)\n");
}

TEST(TableSinkTest, NoRowsStillNameTheColumns) {
  FakeTerminal terminal;
  const auto sink = MakeTableSink(&terminal);
  sink->Columns({"step"});
  sink->Finish();
  EXPECT_EQ(terminal.text, "step\n(0 rows)\n");
}

TEST(TableSinkTest, LongAnswersComeInPartsWithTheirOwnHeadings) {
  FakeTerminal terminal;
  const auto sink = MakeTableSink(&terminal);
  sink->Columns({"n"});
  for (int64_t i = 0; i < 1001; ++i) sink->Row({i});
  const std::string so_far = terminal.text;
  sink->Finish();
  EXPECT_EQ(so_far.substr(0, 10), "  n\n  0\n  ");
  EXPECT_EQ(terminal.text.substr(so_far.size()), "   n\n1000\n(1\u202f001 rows)\n");
}

TEST(RowSinkTest, NoMoreRowsAreWantedOnceThePipeIsClosed) {
  for (const auto make : {MakeTableSink, MakeCsvSink, MakeJsonLinesSink}) {
    FakeTerminal terminal;
    const auto sink = make(&terminal);
    sink->Columns({"n"});
    EXPECT_TRUE(sink->Row({kOne}));
    terminal.Close();
    EXPECT_FALSE(sink->Row({kOne}));
  }
}

}  // namespace
}  // namespace firstguess
