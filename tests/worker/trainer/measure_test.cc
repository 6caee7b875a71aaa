#include "worker/trainer/measure.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "common/spec/losses.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<LossFunction> Make(const char* name) {
  return *MakeLoss(FindLoss(name)->Default());
}

double Sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// A straightforward recomputation from the definitions, with pow and without logarithms of sums.
struct Naive {
  std::vector<std::vector<double>> p;
  std::vector<double> label_prob, weight, loss;

  Naive(const at::Tensor& logits, const at::Tensor& labels, const std::string& name) {
    for (int64_t i = 0; i < logits.size(0); ++i) {
      std::vector<double> row;
      for (int64_t c = 0; c < logits.size(1); ++c) {
        row.push_back(std::exp(logits[i][c].item<double>()));
      }
      const double sum = Sum(row);
      for (double& value : row) value /= sum;
      const double py = row[static_cast<size_t>(labels[i].item<int64_t>())];
      const bool kept = name != "piecewise_zero" || py >= 0.05;
      const double factor = name == "blurry" ? std::pow(py, 0.5) : 1;
      p.push_back(row);
      label_prob.push_back(py);
      weight.push_back(kept ? factor : 0);
      loss.push_back(kept ? -factor * std::log(py) : 0);
    }
  }
};

TEST(Measure, LossesThatAreNoFunctionOfTheLabelsProbabilityHaveDriftButNoWeight) {
  const at::Tensor logits = at::sin(at::arange(40, at::kDouble)).view({10, 4});
  const at::Tensor labels = at::arange(10, at::kLong).remainder(4);
  const std::unique_ptr<LossFunction> brier = Make("brier");
  const std::optional<Snapshot> got = MeasureProbe(logits, labels, *brier);
  ASSERT_TRUE(got.has_value());
  EXPECT_TRUE(std::isnan(got->mean_weight));
  EXPECT_TRUE(std::isnan(got->kept_fraction));
  const BatchLoss batch = EvaluateBatch(*brier, logits, labels);
  EXPECT_NEAR(got->probe_loss, batch.mean, 1e-14);
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_NEAR(got->drift[c], batch.logits_gradient.sum(0)[static_cast<int64_t>(c)].item<double>(),
                1e-14);
  }
}

TEST(Measure, EqualsANaiveRecomputationForEveryLoss) {
  constexpr int64_t kExamples = 200, kClasses = 5;
  const at::Tensor logits = at::sin(at::arange(kExamples * kClasses, at::kDouble).mul(1.3))
                                .mul(3)
                                .view({kExamples, kClasses});
  // Class 4 has no examples.
  const at::Tensor labels = at::arange(kExamples, at::kLong).remainder(4);
  for (const char* name : {"cross_entropy", "blurry", "piecewise_zero"}) {
    SCOPED_TRACE(name);
    const Naive naive(logits, labels, name);
    const std::optional<Snapshot> got = MeasureProbe(logits, labels, *Make(name));
    ASSERT_TRUE(got.has_value());

    std::vector<int64_t> guesses(kClasses, 0), correct(kClasses, 0);
    double kept = 0;
    for (size_t i = 0; i < kExamples; ++i) {
      size_t guess = 0;
      for (size_t c = 1; c < kClasses; ++c) {
        if (naive.p[i][c] > naive.p[i][guess]) guess = c;
      }
      ++guesses[guess];
      if (guess == i % 4) ++correct[guess];
      if (naive.weight[i] > 0) ++kept;
    }
    EXPECT_EQ(got->guess_count, guesses);
    EXPECT_EQ(got->correct_count, correct);
    std::vector<double> fractions, mean_prob;
    for (size_t c = 0; c < kClasses; ++c) {
      double prob = 0, drift = 0, loss = 0, support = 0;
      for (size_t i = 0; i < kExamples; ++i) {
        prob += naive.p[i][c];
        drift += naive.weight[i] * (naive.p[i][c] - (i % 4 == c ? 1 : 0));
        if (i % 4 == c) {
          loss += naive.loss[i];
          ++support;
        }
      }
      EXPECT_NEAR(got->mean_prob[c], prob / kExamples, 1e-13);
      EXPECT_NEAR(got->drift[c], drift / kExamples, 1e-13);
      if (support > 0) {
        EXPECT_NEAR(got->class_loss[c], loss / support, 1e-13);
      } else {
        EXPECT_TRUE(std::isnan(got->class_loss[c]));
      }
      mean_prob.push_back(prob / kExamples);
      fractions.push_back(static_cast<double>(guesses[c]) / kExamples);
    }
    double guess_entropy = 0, prob_entropy = 0;
    for (size_t c = 0; c < kClasses; ++c) {
      if (fractions[c] > 0) guess_entropy -= fractions[c] * std::log(fractions[c]);
      prob_entropy -= mean_prob[c] * std::log(mean_prob[c]);
    }
    double cross_entropy = 0;
    for (const double py : naive.label_prob) cross_entropy -= std::log(py);
    EXPECT_NEAR(got->guess_entropy, guess_entropy / std::log(5.0), 1e-13);
    EXPECT_NEAR(got->prob_entropy, prob_entropy / std::log(5.0), 1e-13);
    EXPECT_NEAR(got->probe_loss, Sum(naive.loss) / kExamples, 1e-13);
    EXPECT_NEAR(got->probe_cross_entropy, cross_entropy / kExamples, 1e-13);
    EXPECT_NEAR(got->mean_weight, Sum(naive.weight) / kExamples, 1e-13);
    EXPECT_NEAR(got->kept_fraction, kept / kExamples, 1e-15);
    EXPECT_NEAR(got->max_guess, *std::max_element(fractions.begin(), fractions.end()), 1e-15);
    EXPECT_NEAR(got->accuracy,
                static_cast<double>(std::accumulate(correct.begin(), correct.end(), int64_t{0})) /
                    kExamples,
                1e-15);
    EXPECT_EQ(got->tied_fraction, 0);
    // What the batch's quantities are is not for the probe set to say.
    EXPECT_TRUE(std::isnan(got->train_loss));
    EXPECT_TRUE(std::isnan(got->grad_norm));
  }
}

TEST(Measure, TiesGoToTheLowestClassAndAreCounted) {
  const at::Tensor logits = at::tensor({1.0, 1.0, 1.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0}).view({3, 3});
  const std::optional<Snapshot> got = MeasureProbe(
      logits, at::tensor({int64_t{0}, int64_t{2}, int64_t{1}}), *Make("cross_entropy"));
  ASSERT_TRUE(got.has_value());
  EXPECT_THAT(got->guess_count, ElementsAre(2, 1, 0));
  EXPECT_THAT(got->correct_count, ElementsAre(1, 0, 0));
  EXPECT_DOUBLE_EQ(got->tied_fraction, 2.0 / 3);
}

TEST(Measure, OneClassOnlyHasNoEntropyAndEvenHasOne) {
  const at::Tensor one = at::tensor({500.0, 0.0, 0.0, 500.0, 0.0, 0.0}).view({2, 3});
  const at::Tensor labels = at::tensor({int64_t{0}, int64_t{1}});
  const std::optional<Snapshot> biased = MeasureProbe(one, labels, *Make("cross_entropy"));
  EXPECT_EQ(biased->guess_entropy, 0);
  EXPECT_NEAR(biased->prob_entropy, 0, 1e-100);
  EXPECT_EQ(biased->max_guess, 1);
  EXPECT_NEAR(biased->probe_cross_entropy, 250, 1e-12);
  const std::optional<Snapshot> even =
      MeasureProbe(at::zeros({2, 3}), labels, *Make("cross_entropy"));
  EXPECT_NEAR(even->prob_entropy, 1, 1e-15);
}

TEST(Measure, NothingWhenALogitIsNotFinite) {
  for (const double bad :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    const at::Tensor logits = at::tensor({0.0, 1.0, 2.0, bad}).view({2, 2});
    EXPECT_FALSE(MeasureProbe(logits, at::tensor({int64_t{0}, int64_t{0}}), *Make("piecewise_zero"))
                     .has_value());
  }
}

TEST(Measure, SupportCountsLabels) {
  EXPECT_THAT(Support(at::tensor({int64_t{2}, int64_t{0}, int64_t{2}}), 4),
              ElementsAre(1, 0, 2, 0));
}

TEST(Measure, InitialRankOrdersByGuessesThenProbabilityThenClass) {
  Snapshot step0;
  step0.guess_count = {5, 0, 90, 0, 5, 0};
  step0.mean_prob = {0.1, 0.05, 0.5, 0.06, 0.2, 0.06};
  EXPECT_THAT(InitialRank(step0), ElementsAre(2, 5, 0, 3, 1, 4));
}

}  // namespace
}  // namespace firstguess::trainer
