#include "worker/trainer/losses/loss.h"

#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "common/spec/losses.h"
#include "tests/worker/trainer/loss_reference.h"

namespace firstguess::trainer {
namespace {

std::unique_ptr<LossFunction> Make(const std::string& name, double parameter,
                                   const std::string& gradient = "") {
  Loss loss = FindLoss(name)->Default();
  if (name == "blurry") loss.parameters = {{"gamma", parameter}, {"gradient", gradient}};
  if (name == "piecewise_zero") loss.parameters = {{"cutoff", parameter}};
  absl::StatusOr<std::unique_ptr<LossFunction>> made = MakeLoss(loss);
  EXPECT_TRUE(made.ok()) << made.status();
  return *std::move(made);
}

std::unique_ptr<LossFunction> Make(const LossReference& reference) {
  return Make(reference.loss, reference.parameter, reference.gradient);
}

at::Tensor Row(const std::vector<double>& values, at::ScalarType type) {
  return at::tensor(values).to(type).unsqueeze(0);
}

at::Tensor Label(int64_t y) { return at::tensor({y}); }

std::string Name(const LossReference& reference) {
  return std::string(reference.loss) + " " + std::to_string(reference.parameter) + " " +
         reference.gradient + ", y = " + std::to_string(reference.target);
}

void ExpectReference(at::ScalarType type, double relative, double absolute) {
  for (const LossReference& reference : kLossReferences) {
    SCOPED_TRACE(Name(reference));
    const at::Tensor z = Row({std::begin(kReferenceLogits), std::end(kReferenceLogits)}, type);
    const BatchLoss got = EvaluateBatch(*Make(reference), z, Label(reference.target));
    EXPECT_NEAR(got.mean, reference.value, absolute + relative * std::abs(reference.value));
    for (int j = 0; j < 4; ++j) {
      const double expected = reference.logits_gradient[j];
      EXPECT_NEAR(got.logits_gradient[0][j].item<double>(), expected,
                  absolute + relative * std::abs(expected))
          << "dL/dz" << j;
    }
  }
}

TEST(Losses, Float64EqualsTheReferenceToItsLastPrintedDigit) {
  ExpectReference(at::kDouble, 0, 0.6e-10);
}

TEST(Losses, Float32EqualsTheReferenceToOneMillionth) { ExpectReference(at::kFloat, 1e-6, 1e-7); }

// The definitions in long double: value, and gradient by the quotient of p^gamma ln p.
TEST(Losses, Float64EqualsItsDefinitionToTwelveDigits) {
  for (const LossReference& reference : kLossReferences) {
    SCOPED_TRACE(Name(reference));
    long double sum = 0;
    for (const double z : kReferenceLogits) sum += std::exp(static_cast<long double>(z));
    long double p[4];
    for (int j = 0; j < 4; ++j) {
      p[j] = std::exp(static_cast<long double>(kReferenceLogits[j])) / sum;
    }
    const long double py = p[reference.target];
    const long double parameter = static_cast<long double>(reference.parameter);
    const std::string name = reference.loss;
    long double value = -std::log(py), weight = 1;
    if (name == "blurry") {
      value *= std::pow(py, parameter);
      weight = std::pow(py, parameter);
      if (std::string(reference.gradient) == "full") weight *= 1 + parameter * std::log(py);
    } else if (name == "piecewise_zero" && py < parameter) {
      value = weight = 0;
    }
    const BatchLoss got =
        EvaluateBatch(*Make(reference),
                      Row({std::begin(kReferenceLogits), std::end(kReferenceLogits)}, at::kDouble),
                      Label(reference.target));
    EXPECT_NEAR(got.mean, static_cast<double>(value), 1e-12);
    for (int j = 0; j < 4; ++j) {
      const long double expected = weight * (p[j] - (j == reference.target ? 1 : 0));
      EXPECT_NEAR(got.logits_gradient[0][j].item<double>(), static_cast<double>(expected), 1e-12);
    }
  }
}

TEST(Losses, MeanAndGradientAreOverTheWholeBatch) {
  // Two of four examples lie below the cutoff: they count as zeros, not as absent.
  const at::Tensor z = at::tensor({3.0, 0.0, 3.0, 0.0, 0.0, 3.0, 0.0, 3.0}).view({4, 2});
  const at::Tensor labels = at::tensor({int64_t{0}, int64_t{1}, int64_t{1}, int64_t{0}});
  const BatchLoss got = EvaluateBatch(*Make("piecewise_zero", 0.5), z, labels);
  const double kept_loss = std::log1p(std::exp(-3.0));
  EXPECT_NEAR(got.mean, 2 * kept_loss / 4, 1e-12);
  EXPECT_NEAR(got.logits_gradient[0][1].item<double>(), 1 / (1 + std::exp(3.0)) / 4, 1e-12);
  EXPECT_EQ(got.logits_gradient[1][0].item<double>(), 0);
}

TEST(Losses, PiecewiseZeroKeepsAProbabilityEqualToTheCutoff) {
  const std::unique_ptr<LossFunction> loss = Make("piecewise_zero", 0.5);
  const at::Tensor l = at::tensor({std::log(0.5), std::log(0.5) - 1e-15});
  EXPECT_EQ(loss->Weight(l)[0].item<double>(), 1);
  EXPECT_EQ(loss->Weight(l)[1].item<double>(), 0);
}

TEST(Losses, FiniteWhereTheProbabilityUnderflows) {
  // exp(-87.5) = 1e-38 is float32's last normal number, and exp(-200) is 0 there.
  for (const double gap : {87.5, 200.0, 1e4}) {
    for (const LossReference& reference : kLossReferences) {
      if (reference.target != 0) continue;
      SCOPED_TRACE(Name(reference));
      const BatchLoss got = EvaluateBatch(*Make(reference), Row({0, gap}, at::kFloat), Label(0));
      EXPECT_TRUE(std::isfinite(got.mean)) << got.mean;
      EXPECT_TRUE(got.logits_gradient.isfinite().all().item<bool>());
    }
  }
}

TEST(Losses, NanLogitsGiveNanLossAndGradient) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    for (const LossReference& reference : kLossReferences) {
      SCOPED_TRACE(Name(reference));
      const at::Tensor z = Row({2, kNan, 0, -1}, type);
      const BatchLoss got = EvaluateBatch(*Make(reference), z, Label(reference.target));
      EXPECT_TRUE(std::isnan(got.mean));
      EXPECT_TRUE(got.logits_gradient.isnan().all().item<bool>());
    }
  }
}

TEST(Losses, WeightIsMinusPTimesTheDerivative) {
  // w(p) = -dL/d(ln p) by central differences; blurry detached is the exception by definition.
  const at::Tensor l = at::tensor({-0.01, -0.5, -1.7, -2.9, -4.2, -9.0});
  constexpr double kStep = 1e-6;
  for (const LossReference& reference : kLossReferences) {
    if (std::string(reference.gradient) == "detached") continue;
    SCOPED_TRACE(Name(reference));
    const std::unique_ptr<LossFunction> loss = Make(reference);
    const at::Tensor slope =
        loss->Value(l.sub(kStep)).sub(loss->Value(l.add(kStep))).div(2 * kStep);
    EXPECT_LT(loss->Weight(l).sub(slope).abs().max().item<double>(), 1e-8);
  }
}

TEST(Losses, BlurryWithoutGammaIsCrossEntropy) {
  const at::Tensor l = at::tensor({-0.01, -2.0, -300.0});
  for (const char* gradient : {"full", "detached"}) {
    const std::unique_ptr<LossFunction> blurry = Make("blurry", 0, gradient);
    EXPECT_TRUE(blurry->Value(l).equal(Make("cross_entropy", 0)->Value(l)));
    EXPECT_TRUE(blurry->Weight(l).equal(Make("cross_entropy", 0)->Weight(l)));
  }
}

TEST(Losses, UnknownLossesAndParametersAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(MakeLoss({"hinge", {}}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MakeLoss({"blurry", {{"gamma", 0.5}}}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MakeLoss({"piecewise_zero", {{"cutoff", 2.0}}}).status()));
}

TEST(Losses, EveryLossASweepMayNameIsHere) {
  for (const LossInfo& info : KnownLosses()) {
    EXPECT_TRUE(MakeLoss(info.Default()).ok()) << info.name;
  }
}

}  // namespace
}  // namespace firstguess::trainer
