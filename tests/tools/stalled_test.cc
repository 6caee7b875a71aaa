#include "tools/firstguess/stalled.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

v1::ListWorkersResponse Workers(const std::vector<std::string>& states) {
  v1::ListWorkersResponse response;
  for (const std::string& state : states) {
    v1::WorkerStatus* worker = response.add_workers();
    worker->set_state(state);
    if (state == "cannot work") worker->set_reason("no CUDA driver was found");
  }
  return response;
}

SweepNumbers Waiting(const std::string& reason) {
  SweepNumbers numbers;
  numbers.state = "running";
  numbers.waiting_reason = reason;
  return numbers;
}

const absl::Duration kLater = StallDetector::kPatience + absl::Seconds(1);

TEST(StallDetectorTest, WhenNoWorkerCanWorkTheirReasonIsGiven) {
  StallDetector detector(2);
  const auto workers = Workers({"cannot work", "cannot work"});
  const SweepNumbers numbers = Waiting("no connected worker can work: no CUDA driver was found");
  EXPECT_EQ(detector.Look(workers, numbers, absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(detector.Look(workers, numbers, kLater), "no CUDA driver was found");
}

TEST(StallDetectorTest, WhenNoWorkerHasTheDataSetTheCoordinatorsReasonIsGiven) {
  StallDetector detector(1);
  const auto workers = Workers({"connected"});
  const SweepNumbers numbers = Waiting("no connected worker can run it: needs data set mnist");
  EXPECT_EQ(detector.Look(workers, numbers, absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(detector.Look(workers, numbers, kLater), numbers.waiting_reason);
}

TEST(StallDetectorTest, AWorkerThatIsStillStartingMayYetBeAble) {
  StallDetector detector(2);
  const auto workers = Workers({"cannot work"});
  const SweepNumbers numbers = Waiting("no connected worker can work: because");
  detector.Look(workers, numbers, absl::Seconds(1));
  EXPECT_EQ(detector.Look(workers, numbers, kLater), std::nullopt);
}

TEST(StallDetectorTest, OneWorkerThatCanWorkIsEnough) {
  StallDetector detector(2);
  const auto workers = Workers({"cannot work", "connected"});
  detector.Look(workers, Waiting(""), absl::Seconds(1));
  EXPECT_EQ(detector.Look(workers, Waiting(""), kLater), std::nullopt);
}

TEST(StallDetectorTest, AFullDiskMayGetRoomAgain) {
  StallDetector detector(1);
  const auto workers = Workers({"connected"});
  detector.Look(workers, Waiting("disk full"), absl::Seconds(1));
  EXPECT_EQ(detector.Look(workers, Waiting("disk full"), kLater), std::nullopt);
}

TEST(StallDetectorTest, PatienceBeginsAnewWhenSomethingRan) {
  StallDetector detector(1);
  const auto workers = Workers({"connected"});
  const SweepNumbers waiting = Waiting("no connected worker can run it: needs data set mnist");
  detector.Look(workers, waiting, absl::Seconds(1));
  detector.Look(workers, Waiting(""), absl::Seconds(2));
  EXPECT_EQ(detector.Look(workers, waiting, kLater), std::nullopt);
}

TEST(StallDetectorTest, WorkersThatAreGoneDoNotCount) {
  StallDetector detector(1);
  const auto workers = Workers({"lost", "cannot work"});
  const SweepNumbers numbers = Waiting("no connected worker can work: because");
  detector.Look(workers, numbers, absl::Seconds(1));
  EXPECT_EQ(detector.Look(workers, numbers, kLater), "no CUDA driver was found");
}

}  // namespace
}  // namespace firstguess
