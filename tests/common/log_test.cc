#include "common/log.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "common/audit_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

// Each test logs to a file of its own.
class LogTest : public ::testing::Test {
 protected:
  LogTest() { EXPECT_TRUE(SetLogFile(path_)); }
  ~LogTest() override { SetLogLevel(LogLevel::kInfo); }

  std::vector<std::string> Lines() const {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  // The lines without their time.
  std::vector<std::string> Events() const {
    std::vector<std::string> events = Lines();
    for (std::string& line : events) line = line.substr(line.find(' ') + 1);
    return events;
  }

 private:
  const TemporaryFolder folder_;
  const std::string path_ = folder_.File("log");
};

TEST_F(LogTest, ALineIsTimeLevelEventAndFields) {
  Log(LogLevel::kInfo, "lease granted", {{"lease", 41}, {"worker", "node3"}, {"rate", 0.5}});
  EXPECT_THAT(Lines(),
              ElementsAre(MatchesRegex(
                  "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z INFO lease "
                  "granted lease=41 worker=node3 rate=0.5")));
}

TEST_F(LogTest, ValuesThatWouldBreakTheLineAreQuoted) {
  Log(LogLevel::kWarning, "odd",
      {{"empty", ""},
       {"space", "a b"},
       {"quote", "a\"b"},
       {"lines", "a\nb\r\tc"},
       {"equals", "a=b"},
       {"control", "a\x1b[0m\x7f"},
       {"text", "größe"}});
  EXPECT_THAT(Events(), ElementsAre(R"(WARNING odd empty="" space="a b" quote="a\"b" )"
                                    R"(lines="a\nb\r\tc" equals="a=b" control="a\033[0m\177" )"
                                    R"(text=größe)"));
}

TEST_F(LogTest, LinesBelowTheLevelAreDropped) {
  Log(LogLevel::kDebug, "dropped");
  EXPECT_THAT(Lines(), IsEmpty());
  SetLogLevel(LogLevel::kError);
  Log(LogLevel::kWarning, "dropped");
  Log(LogLevel::kError, "kept");
  SetLogLevel(LogLevel::kDebug);
  Log(LogLevel::kDebug, "kept");
  EXPECT_THAT(Events(), ElementsAre("ERROR kept", "DEBUG kept"));
}

TEST_F(LogTest, NoLevelDropsAnAuditedLine) {
  SetLogLevel(LogLevel::kError);
  LogAudit("Pause", {{"who", "token:anna"}});
  EXPECT_THAT(Events(), ElementsAre("AUDIT Pause who=token:anna"));
}

TEST_F(LogTest, LinesOfManyThreadsDoNotMix) {
  const std::string long_word(300, 'x');
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) Log(LogLevel::kInfo, "event", {{"word", long_word}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> events = Events();
  EXPECT_EQ(events.size(), 400u);
  for (const std::string& event : events) ASSERT_EQ(event, "INFO event word=" + long_word);
}

TEST(SetLogFileTest, SaysWhenAFileCannotBeOpened) {
  EXPECT_FALSE(SetLogFile(::testing::TempDir() + "/no/such/folder/log"));
}

}  // namespace
}  // namespace firstguess
