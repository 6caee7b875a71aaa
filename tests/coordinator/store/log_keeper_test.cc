// The write-ahead log: copied back as it grows, and complained of with who holds it.

#include "coordinator/store/log_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "coordinator/store/sqlite/open_readers.h"
#include "coordinator/store/sqlite/user_query.h"
#include "tests/common/gate.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kWarningBytes = 3 << 20;

class LogKeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(SetLogFile(folder_.File("log")));
    auto store = Store::Open(
        {.path = path_, .clock = &clock_, .vfs = "", .log_warning_bytes = kWarningBytes});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    ASSERT_TRUE(store_->LoadOpenWork().ok());
    store_->Submit(SweepOf(1, 1'000'000), nullptr);
  }

  // About 1.2 MB into the log, in a transaction of its own.
  void WriteMegabyte() {
    const int64_t pack = ++packs_;
    store_->Submit(PackOf(pack, 1, {pack}), nullptr);
    StoreResult result = ResultOf(pack, pack);
    result.trajectory = TrajectoryOf(pack, 1000, 10);
    store_->Submit(result, nullptr);
    store_->Flush();
  }
  void WriteMegabytes(int count) {
    for (int i = 0; i < count; ++i) WriteMegabyte();
  }

  // Of the log, with this in them.
  std::vector<std::string> Lines(const std::string& part) const {
    std::ifstream file(folder_.File("log"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
      if (absl::StrContains(line, part)) lines.push_back(line);
    }
    return lines;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("sweep.db");
  SimulatedClock clock_;
  std::unique_ptr<Store> store_;
  int64_t packs_ = 0;
};

// Keeps its first row until the gate opens.
class HeldSink final : public sqlite::QuerySink {
 public:
  void Columns(const std::vector<std::string>&) override {}
  bool Row(const std::vector<sqlite::QueryValue>&) override {
    reached.Open();
    go_on.Pass();
    return false;
  }
  Gate reached;
  Gate go_on;
};

TEST_F(LogKeeperTest, WithoutReadersTheLogStaysSmallAndIsCopiedWhole) {
  clock_.Advance(absl::Seconds(100));
  EXPECT_EQ(store_->GetHealth().since_checkpoint, absl::Seconds(100));
  WriteMegabytes(9);
  EXPECT_EQ(store_->GetHealth().since_checkpoint, absl::ZeroDuration());
  // What is written between two checkpoints, and a transaction.
  EXPECT_LE(store_->GetHealth().log_bytes, 6 << 20);
  EXPECT_GT(store_->GetHealth().database_bytes, 3 << 20);
  EXPECT_THAT(Lines("write-ahead log"), IsEmpty());
}

TEST_F(LogKeeperTest, AQueryThatHoldsTheLogIsNamedOnceAMinute) {
  WriteMegabyte();
  HeldSink sink;
  std::thread query([&] {
    EXPECT_TRUE(sqlite::RunUserQuery(path_, "SELECT step FROM snapshot", {}, &sink).ok());
  });
  sink.reached.Pass();
  WriteMegabytes(6);
  EXPECT_GT(store_->GetHealth().log_bytes, kWarningBytes);
  EXPECT_THAT(Lines("the write-ahead log grows"),
              ElementsAre(AllOf(HasSubstr("WARNING"), HasSubstr("readers=\"query for "))));
  clock_.Advance(absl::Seconds(61));
  WriteMegabytes(5);
  EXPECT_THAT(Lines("the write-ahead log grows"), SizeIs(2));
  EXPECT_EQ(store_->GetHealth().since_checkpoint, absl::Seconds(61));
  EXPECT_THAT(Lines("can be used anew"), IsEmpty());

  sink.go_on.Open();
  query.join();
  EXPECT_THAT(sqlite::OpenReadersOf(path_), IsEmpty());
  WriteMegabytes(6);
  EXPECT_EQ(store_->GetHealth().since_checkpoint, absl::ZeroDuration());
  EXPECT_THAT(Lines("can be used anew"), SizeIs(1));
}

TEST_F(LogKeeperTest, AnotherProcessThatHoldsTheLogIsNamed) {
  WriteMegabyte();
  // A stock sqlite3 in the middle of a read transaction, until its input ends.
  const std::string answer = folder_.File("answer");
  FILE* const reader = popen(absl::StrCat("sqlite3 ", path_, " > ", answer).c_str(), "w");
  ASSERT_NE(reader, nullptr);
  std::fputs("BEGIN; SELECT count(*) FROM sweep;\n", reader);
  std::fflush(reader);
  // It has begun once it has answered; its pipe is flushed after each statement.
  while (!std::filesystem::exists(answer) || std::filesystem::file_size(answer) == 0) {
    std::this_thread::yield();
  }
  WriteMegabytes(6);
  EXPECT_THAT(Lines("the write-ahead log grows"),
              ElementsAre(AllOf(HasSubstr("readers=\"process "), HasSubstr("(sqlite3)\""))));
  EXPECT_EQ(pclose(reader), 0);
  WriteMegabytes(6);
  EXPECT_THAT(Lines("can be used anew"), SizeIs(1));
}

}  // namespace
}  // namespace firstguess
