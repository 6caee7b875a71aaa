// Sweeps of untrained networks over white noise against an independent Monte Carlo (numpy, float32,
// fresh inputs and weights for every initialisation, 1,000 inputs): what the whole trainer does at
// step 0, its streams, its initialisation, its forward pass and its measures.

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "worker/trainer/trainer.h"

namespace firstguess::trainer {
namespace {

class Collector : public TrialSink {
 public:
  void OnFinished(int64_t, Trajectory trajectory) override {
    trajectories.push_back(std::move(trajectory));
  }
  void OnFailed(int64_t trial, absl::Status error) override {
    ADD_FAILURE() << "trial " << trial << ": " << error;
  }
  std::vector<Trajectory> trajectories;
};

struct Network {
  const char* activation;
  const char* init;
  double init_scale;
  int64_t width;
  int64_t depth;
  int64_t inputs;
};

class UntrainedNetworksTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    absl::StatusOr<std::unique_ptr<PackTrainer>> made = MakeTorchTrainer({});
    ASSERT_TRUE(made.ok()) << made.status();
    trainer_ = made->release();
  }
  static void TearDownTestSuite() {
    delete trainer_;
    trainer_ = nullptr;
  }

  // `count` initialisations, each with inputs of its own.
  static std::vector<Snapshot> Starts(const Network& network, int64_t count,
                                      const std::string& groups = "") {
    std::vector<Snapshot> starts;
    for (int64_t seed = 0; seed < count; ++seed) {
      TrialConfig config;
      config.dataset = "gaussian";
      config.data_dimension = network.inputs;
      config.data_train_per_class = 1;
      config.data_test_per_class = 100;
      config.batch_size = 1;
      config.probe_size = 1000;
      config.activation = network.activation;
      config.init = network.init;
      config.init_scale = network.init_scale;
      config.width = network.width;
      config.depth = network.depth;
      config.steps = 0;
      config.seed = seed;
      config.data_seed = seed;
      config.groups = groups;
      Collector collector;
      const std::atomic<bool> stop{false};
      EXPECT_TRUE(trainer_->Train({{seed, config}}, collector, stop).ok());
      for (Trajectory& trajectory : collector.trajectories) {
        starts.push_back(std::move(trajectory.snapshots.at(0)));
      }
    }
    EXPECT_EQ(static_cast<int64_t>(starts.size()), count);
    return starts;
  }

  static double MeanMaxGuess(const std::vector<Snapshot>& starts) {
    double sum = 0;
    for (const Snapshot& start : starts) sum += start.max_guess;
    return sum / static_cast<double>(starts.size());
  }

  static double MeanGuessEntropy(const std::vector<Snapshot>& starts) {
    double sum = 0;
    for (const Snapshot& start : starts) sum += start.guess_entropy;
    return sum / static_cast<double>(starts.size());
  }

  static PackTrainer* trainer_;
};

PackTrainer* UntrainedNetworksTest::trainer_ = nullptr;

// The mean of `count` starts, whose standard deviation is about 0.15, and what the reference's own
// rounding and number of starts leave open.
double Tolerance(int64_t count) { return 0.003 + 3 * 0.15 / std::sqrt(static_cast<double>(count)); }

TEST_F(UntrainedNetworksTest, ReluFavoursAFewClassesMoreTheDeeperItIs) {
  struct Row {
    int64_t width, depth, starts;
    double max_guess, guess_entropy;
  };
  for (const Row& row : {Row{32, 1, 400, 0.3443, 0.7820}, Row{32, 3, 400, 0.5093, 0.5661},
                         Row{32, 10, 400, 0.7416, 0.2795}, Row{512, 1, 80, 0.3320, 0.8015},
                         Row{512, 3, 80, 0.5016, 0.5883}}) {
    SCOPED_TRACE(absl::StrCat("width ", row.width, ", depth ", row.depth));
    const std::vector<Snapshot> starts =
        Starts({"relu", "he", 1, row.width, row.depth, 512}, row.starts);
    EXPECT_NEAR(MeanMaxGuess(starts), row.max_guess, Tolerance(row.starts));
    EXPECT_NEAR(MeanGuessEntropy(starts), row.guess_entropy, 1.5 * Tolerance(row.starts));
  }
}

// The cosine between two inputs' hidden vectors, and the drift ratio of the pre-activations above
// them, which estimates gamma from one initialisation.
TEST_F(UntrainedNetworksTest, HiddenVectorsBecomeAlikeAsTheyDoInTheory) {
  const std::vector<Snapshot> starts = Starts({"relu", "he", 1, 512, 3, 512}, 40, "layers");
  const double cosines[] = {0.31910, 0.49388, 0.60512};
  const double gammas[] = {0.47008, 0.98};
  for (size_t layer = 0; layer < 3; ++layer) {
    double cosine = 0;
    double drift_ratio = 0;
    for (const Snapshot& start : starts) {
      ASSERT_EQ(start.layers.size(), 4u);
      cosine += start.layers[layer].correlation / static_cast<double>(starts.size());
      drift_ratio += start.layers[layer + 1].drift_ratio / static_cast<double>(starts.size());
    }
    EXPECT_NEAR(cosine, cosines[layer], 0.006) << layer;
    // The read-out has ten units only.
    if (layer < 2) {
      EXPECT_NEAR(drift_ratio, gammas[layer], 0.08 * gammas[layer]) << layer;
    }
  }
}

// Neither tanh nor the identity has a bias: what is left of it is the finite number of inputs.
TEST_F(UntrainedNetworksTest, OddActivationsFavourNone) {
  EXPECT_NEAR(MeanMaxGuess(Starts({"tanh", "lecun", std::sqrt(1.5), 512, 1, 512}, 40)), 0.1208,
              0.004);
  EXPECT_NEAR(MeanMaxGuess(Starts({"tanh", "lecun", std::sqrt(1.5), 512, 3, 512}, 40)), 0.1253,
              0.005);
  EXPECT_NEAR(MeanMaxGuess(Starts({"linear", "lecun", 1, 512, 1, 512}, 40)), 0.1222, 0.005);
}

// PyTorch's default initialisation halves the activations in each layer, until its random biases
// decide alone.
TEST_F(UntrainedNetworksTest, TheDefaultInitialisationOfPyTorchFavoursOneClassSoon) {
  EXPECT_NEAR(MeanMaxGuess(Starts({"relu", "torch", 1, 512, 1, 784}, 80)), 0.3367, Tolerance(80));
  EXPECT_NEAR(MeanMaxGuess(Starts({"relu", "torch", 1, 512, 5, 784}, 80)), 0.8772, Tolerance(80));
}

}  // namespace
}  // namespace firstguess::trainer
