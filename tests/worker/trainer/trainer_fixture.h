#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/trainer/trainer.h"

namespace firstguess::trainer {

// A quick trial.
inline TrialConfig Small() {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.width = 16;
  config.depth = 2;
  config.steps = 6;
  config.points = 3;
  config.batch_size = 32;
  config.probe_size = 200;
  return config;
}

// Keeps what a trainer reports; each trial once.
class Collector : public TrialSink {
 public:
  void OnFinished(int64_t trial, Trajectory trajectory) override {
    EXPECT_TRUE(finished.emplace(trial, std::move(trajectory)).second) << "reported twice";
    if (stop_after_first) stop = true;
  }
  void OnFailed(int64_t trial, absl::Status error) override {
    EXPECT_TRUE(failed.emplace(trial, std::move(error)).second) << "reported twice";
  }

  std::map<int64_t, Trajectory> finished;
  std::map<int64_t, absl::Status> failed;
  std::atomic<bool> stop{false};
  bool stop_after_first = false;
};

class TrainerTest : public testing::Test {
 protected:
  // One trainer for all tests: as in a worker, it has trained other packs before.
  static void SetUpTestSuite() {
    absl::StatusOr<std::unique_ptr<PackTrainer>> made = MakeTorchTrainer({});
    ASSERT_TRUE(made.ok()) << made.status();
    trainer_ = made->release();
  }
  static void TearDownTestSuite() {
    delete trainer_;
    trainer_ = nullptr;
  }

  static absl::Status Train(const std::vector<TrialConfig>& configs, Collector& collector) {
    std::vector<TrialTask> pack;
    for (const TrialConfig& config : configs) {
      pack.push_back({static_cast<int64_t>(pack.size()), config});
    }
    return trainer_->Train(pack, collector, collector.stop);
  }

  // Trains one trial that must succeed.
  static Trajectory TrainOne(const TrialConfig& config) {
    Collector collector;
    EXPECT_TRUE(Train({config}, collector).ok());
    EXPECT_EQ(collector.finished.size(), 1u);
    for (const auto& [trial, error] : collector.failed) ADD_FAILURE() << error;
    return collector.finished[0];
  }

  // The error that a trial is reported with.
  static absl::Status FailureOf(const TrialConfig& config) {
    Collector collector;
    EXPECT_TRUE(Train({config}, collector).ok());
    EXPECT_EQ(collector.failed.size(), 1u);
    return collector.failed[0];
  }

  static inline PackTrainer* trainer_ = nullptr;
};

}  // namespace firstguess::trainer
