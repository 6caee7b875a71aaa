// Files of checkpoints: which are taken for what they are, which are not, and when they go.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/common/temporary_folder.h"
#include "worker/trainer/checkpoint/checkpoint_file.h"
#include "worker/trainer/checkpoint/checkpoint_folder.h"
#include "worker/trainer/checkpoint/checkpoint_writer.h"

namespace firstguess::trainer {
namespace {

const CheckpointOwner kOwner{"{\"seed\":1}", "firstguess 1, libtorch 2, cpu A"};

Checkpoint Example() {
  Snapshot snapshot;
  snapshot.probe_loss = 2.5;
  snapshot.guess_count = {3, 1};
  snapshot.correct_count = {1, 1};
  snapshot.mean_prob = {0.75, 0.25};
  snapshot.class_loss = {1, 0.1};
  snapshot.drift = {-0.5, 0.5};
  Checkpoint checkpoint;
  checkpoint.step = 7;
  checkpoint.draw = 3;
  checkpoint.bad_step = 5;
  checkpoint.trajectory.support = {2, 2};
  checkpoint.trajectory.initial_rank = {0, 1};
  checkpoint.trajectory.snapshots = {snapshot};
  checkpoint.trajectory.train_seconds = 61.5;
  checkpoint.trajectory.probe_seconds = 1.5;
  checkpoint.parameters = std::string("\0\1\2\3", 4);
  checkpoint.moments = "norm";
  checkpoint.optimizer = {"mean", "", "square"};
  return checkpoint;
}

std::string Bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

int64_t Files(const std::string& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

class CheckpointFileTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(WriteCheckpoint(path_, kOwner, Example()).ok()); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/a.checkpoint";
};

TEST_F(CheckpointFileTest, HasWhatWasWritten) {
  const absl::StatusOr<Checkpoint> read = ReadCheckpoint(path_, kOwner);
  ASSERT_TRUE(read.ok()) << read.status();
  const Checkpoint written = Example();
  EXPECT_EQ(read->step, written.step);
  EXPECT_EQ(read->draw, written.draw);
  EXPECT_EQ(read->bad_step, written.bad_step);
  EXPECT_EQ(read->parameters, written.parameters);
  EXPECT_EQ(read->moments, written.moments);
  EXPECT_EQ(read->optimizer, written.optimizer);
  EXPECT_EQ(read->trajectory.initial_rank, written.trajectory.initial_rank);
  EXPECT_EQ(read->trajectory.train_seconds, 61.5);
  EXPECT_EQ(read->trajectory.probe_seconds, 1.5);
  ASSERT_EQ(read->trajectory.snapshots.size(), 1u);
  EXPECT_EQ(read->trajectory.snapshots[0].mean_prob, written.trajectory.snapshots[0].mean_prob);
  EXPECT_EQ(Files(folder_.path()), 1) << "something was left beside it";
}

TEST_F(CheckpointFileTest, IsRefusedWhereverItIsTornOrDamaged) {
  const std::string whole = Bytes(path_);
  for (size_t i = 0; i < whole.size(); ++i) {
    const std::string torn = folder_.Write("torn", whole.substr(0, i));
    EXPECT_TRUE(absl::IsDataLoss(ReadCheckpoint(torn, kOwner).status())) << i << " bytes";
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    const absl::Status refused = ReadCheckpoint(folder_.Write("damaged", damaged), kOwner).status();
    EXPECT_TRUE(absl::IsDataLoss(refused) || absl::IsFailedPrecondition(refused)) << "byte " << i;
  }
  EXPECT_TRUE(
      absl::IsDataLoss(ReadCheckpoint(folder_.Write("long", whole + "0"), kOwner).status()));
}

TEST_F(CheckpointFileTest, IsRefusedToAnotherTrialDeviceOrVersion) {
  for (const CheckpointOwner& other : {CheckpointOwner{"{\"seed\":2}", kOwner.made_with},
                                       CheckpointOwner{kOwner.config, "firstguess 1, cpu B"}}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(ReadCheckpoint(path_, other).status()));
  }
  const std::string later = folder_.Write("later", "FGCKPT02 whatever");
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadCheckpoint(later, kOwner).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadCheckpoint(folder_.path() + "/none", kOwner).status()));
}

// The disk is full after `bytes` of a file, while this lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_ = {};
  void (*handler_)(int) = nullptr;
};

TEST_F(CheckpointFileTest, OnAFullDiskTheOldOneStaysAndNothingIsLeftBeside) {
  const std::string before = Bytes(path_);
  Checkpoint next = Example();
  next.step = 9;
  for (const rlim_t room : {rlim_t{0}, rlim_t{100}, static_cast<rlim_t>(before.size() - 1)}) {
    absl::Status status;
    {
      const FullDisk full(room);
      status = WriteCheckpoint(path_, kOwner, next);
    }
    EXPECT_TRUE(absl::IsUnavailable(status)) << room;
    EXPECT_EQ(Bytes(path_), before);
    EXPECT_EQ(Files(folder_.path()), 1);
  }
}

TEST(CheckpointFolderTest, OnlyOldCheckpointsAndTornWritesAreRemoved) {
  const TemporaryFolder folder;
  const CheckpointFolder checkpoints({.folder = folder.path(), .program = "test"}, "here");
  TrialConfig config;
  const std::string path = checkpoints.PathOf(config);
  const std::string name = std::filesystem::path(path).filename();
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const auto write = [&](const std::string& file, absl::Duration age) {
    const std::string written = folder.Write(file, "x");
    const timespec time = absl::ToTimespec(now - age);
    const timespec times[2] = {time, time};
    ASSERT_EQ(utimensat(AT_FDCWD, written.c_str(), times, 0), 0);
  };
  const absl::Duration old = CheckpointFolder::kKept + absl::Seconds(1);
  write(name, old);
  write(name + ".0123456789abcdef.part", old);
  config.seed = 1;
  write(std::filesystem::path(checkpoints.PathOf(config)).filename(), CheckpointFolder::kKept);
  write("notes.checkpoint", old);
  write("sweep.db", old);
  checkpoints.RemoveOld(now);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(std::filesystem::exists(checkpoints.PathOf(config)));
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/sweep.db"));
  EXPECT_EQ(Files(folder.path()), 3);
}

TEST(CheckpointWriterTest, IsDueByTheTimeSinceItBeganOrTheLatest) {
  const TemporaryFolder folder;
  SimulatedClock clock;
  CheckpointFolder checkpoints(
      {.folder = folder.path(), .every = absl::Minutes(10), .program = "test", .clock = &clock},
      "here");
  TrialConfig configs[2];
  configs[1].seed = 1;
  CheckpointWriter writer(checkpoints, {{&configs[0], 1}, {&configs[1], 4}}, /*step=*/0);
  clock.Advance(absl::Minutes(9));
  EXPECT_FALSE(writer.Due());
  EXPECT_FALSE(writer.DueAtStop(900)) << "a short trial";
  clock.Advance(absl::Minutes(1));
  EXPECT_TRUE(writer.Due());
  writer.Save(1000, {1}, [](size_t) {
    Checkpoint checkpoint = Example();
    checkpoint.trajectory.train_seconds = 30;
    return checkpoint;
  });
  EXPECT_FALSE(writer.Due());
  EXPECT_FALSE(writer.DueAtStop(1000)) << "nothing new";
  EXPECT_TRUE(writer.DueAtStop(1001));
  EXPECT_FALSE(writer.has_saved(0));
  EXPECT_TRUE(writer.has_saved(1));

  const absl::StatusOr<Checkpoint> saved = checkpoints.Load(configs[1]);
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(saved->step, 1000);
  EXPECT_EQ(saved->draw, 4);
  EXPECT_EQ(saved->trajectory.train_seconds, 30 + 300) << "its half of the ten minutes";
  EXPECT_TRUE(absl::IsNotFound(checkpoints.Load(configs[0]).status()));
}

}  // namespace
}  // namespace firstguess::trainer
