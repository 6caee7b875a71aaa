#include "worker/trainer/losses/loss.h"

#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "common/spec/fields.h"
#include "common/spec/losses.h"
#include "tests/worker/trainer/loss_definitions.h"
#include "tests/worker/trainer/loss_reference.h"

namespace firstguess::trainer {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Loss With(const std::string& name, std::map<std::string, Loss::Parameter> parameters) {
  Loss loss = FindLoss(name)->Default();
  for (const auto& [parameter, value] : parameters) loss.parameters[parameter] = value;
  return loss;
}

std::unique_ptr<LossFunction> Make(const Loss& loss) {
  absl::StatusOr<std::unique_ptr<LossFunction>> made = MakeLoss(loss);
  EXPECT_TRUE(made.ok()) << made.status();
  return *std::move(made);
}

// Every loss with its defaults, with each gradient, and with parameters at the ends of their ranges
// (at 1e3 where a range is longer).
std::vector<Loss> ManyLosses() {
  std::vector<Loss> losses;
  for (const LossInfo& info : KnownLosses()) {
    losses.push_back(info.Default());
    for (const LossParameter& parameter : info.parameters) {
      const std::string name(parameter.name);
      if (parameter.is_word()) {
        for (const absl::string_view word : parameter.words) {
          losses.push_back(With(losses.back().name, {{name, std::string(word)}}));
        }
        continue;
      }
      for (const double end : {parameter.min, std::min(parameter.max, 1e3)}) {
        for (const char* gradient : {"detached", "full"}) {
          Loss loss = With(info.Default().name, {{name, end}});
          if (info.FindParameter("gradient") != nullptr) loss.parameters["gradient"] = gradient;
          losses.push_back(loss);
        }
      }
    }
  }
  return losses;
}

// Losses away from the ends of their parameters' ranges, where the definitions keep their digits.
std::vector<Loss> PlainLosses() {
  std::vector<Loss> losses;
  for (const LossInfo& info : KnownLosses()) {
    losses.push_back(info.Default());
    if (info.FindParameter("gradient") != nullptr) {
      losses.push_back(With(losses.back().name, {{"gradient", "full"}}));
    }
  }
  losses.push_back(With("blurry", {{"gamma", 2.0}, {"gradient", "full"}}));
  losses.push_back(With("focal", {{"gamma", 0.5}, {"gradient", "full"}}));
  losses.push_back(With("focal", {{"gamma", 0.0}, {"gradient", "full"}}));
  losses.push_back(With("nfl", {{"gamma", 2.0}, {"gradient", "full"}}));
  losses.push_back(With("ngce", {{"q", 0.7}}));
  losses.push_back(With("truncated_gce", {{"k", 0.1}, {"q", 0.3}}));
  losses.push_back(With("agce", {{"a", 0.0}, {"q", 0.2}}));
  losses.push_back(With("agce", {{"a", 4.0}, {"q", 0.2}}));
  losses.push_back(With("aul", {{"a", 1.1}, {"q", 3.0}}));
  losses.push_back(With("ael", {{"a", 0.5}}));
  losses.push_back(With("taylor_ce", {{"t", 1.0}}));
  losses.push_back(With("taylor_ce", {{"t", 20.0}}));
  losses.push_back(With("poly1", {{"epsilon", -1.0}}));
  return losses;
}

at::Tensor Row(const std::vector<double>& values, at::ScalarType type) {
  return at::tensor(values).to(type).unsqueeze(0);
}

at::Tensor Label(int64_t y) { return at::tensor({y}); }

const std::vector<double> kLogits(std::begin(kReferenceLogits), std::end(kReferenceLogits));

void ExpectReference(at::ScalarType type, double relative, double absolute) {
  for (const LossReference& reference : kLossReferences) {
    const Loss loss = With(reference.loss, reference.parameters);
    SCOPED_TRACE(ToText(FieldValue(loss)) + ", y = " + std::to_string(reference.target));
    const BatchLoss got = EvaluateBatch(*Make(loss), Row(kLogits, type), Label(reference.target));
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

TEST(Losses, Float32EqualsTheReferenceToOneMillionth) { ExpectReference(at::kFloat, 1e-6, 2e-7); }

void ExpectDefinition(const Loss& loss, const std::vector<double>& logits, size_t target) {
  const LossDefinition::Logits z(logits.begin(), logits.end());
  const LossDefinition definition(loss, z, target);
  const BatchLoss got =
      EvaluateBatch(*Make(loss), Row(logits, at::kDouble), Label(static_cast<int64_t>(target)));
  const auto value = static_cast<double>(definition.Value(z));
  EXPECT_NEAR(got.mean, value, 1e-12 * std::max(1.0, std::abs(value)));
  const LossDefinition::Logits gradient = definition.Gradient(z);
  for (size_t j = 0; j < z.size(); ++j) {
    const auto expected = static_cast<double>(gradient[j]);
    EXPECT_NEAR(got.logits_gradient[0][static_cast<int64_t>(j)].item<double>(), expected,
                1e-12 * std::max(1.0, std::abs(expected)))
        << "dL/dz" << j;
  }
}

TEST(Losses, ValueAndGradientEqualTheDefinitionOnTheReferenceLogits) {
  for (const Loss& loss : PlainLosses()) {
    for (size_t target = 0; target < kLogits.size(); ++target) {
      SCOPED_TRACE(ToText(FieldValue(loss)) + ", y = " + std::to_string(target));
      ExpectDefinition(loss, kLogits, target);
    }
  }
}

TEST(Losses, ValueAndGradientEqualTheDefinitionOnRandomLogits) {
  constexpr unsigned kSeed = 20;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937_64 random(kSeed);
  for (const size_t classes : {2, 10}) {
    for (const double deviation : {0.1, 2.0}) {
      std::normal_distribution<double> normal(0, deviation);
      std::vector<double> logits(classes);
      for (double& logit : logits) logit = normal(random);
      for (const Loss& loss : PlainLosses()) {
        SCOPED_TRACE(ToText(FieldValue(loss)) + ", classes " + std::to_string(classes));
        ExpectDefinition(loss, logits, random() % classes);
      }
    }
  }
}

TEST(Losses, TheWeightIsTheGradientsFactor) {
  for (const Loss& loss : ManyLosses()) {
    SCOPED_TRACE(ToText(FieldValue(loss)));
    const LossValues got = Make(loss)->Evaluate(MakeExamples(Row(kLogits, at::kDouble), Label(1)));
    if (!got.weight.defined()) continue;
    const at::Tensor p = Row(kLogits, at::kDouble).softmax(1);
    const at::Tensor expected = p.sub(Row({0, 1, 0, 0}, at::kDouble)).mul(got.weight);
    const double scale = std::max(1.0, expected.abs().max().item<double>());
    EXPECT_LT(got.logits_gradient.sub(expected).abs().max().item<double>(), 1e-14 * scale);
  }
}

TEST(Losses, OnlyFunctionsOfTheLabelsProbabilityHaveAWeight) {
  std::vector<std::string> without;
  for (const LossInfo& info : KnownLosses()) {
    const LossValues got =
        Make(info.Default())->Evaluate(MakeExamples(Row(kLogits, at::kDouble), Label(1)));
    if (!got.weight.defined()) without.emplace_back(info.name);
  }
  EXPECT_EQ(without, (std::vector<std::string>{"label_smoothing", "nce", "nce_mae", "nce_rce",
                                               "nfl", "ngce", "anl_ce", "brier"}));
}

TEST(Losses, MeanAndGradientAreOverTheWholeBatch) {
  // Two of four examples lie below the cutoff: they count as zeros, not as absent.
  const at::Tensor z = at::tensor({3.0, 0.0, 3.0, 0.0, 0.0, 3.0, 0.0, 3.0}).view({4, 2});
  const at::Tensor labels = at::tensor({int64_t{0}, int64_t{1}, int64_t{1}, int64_t{0}});
  const BatchLoss got = EvaluateBatch(*Make(With("piecewise_zero", {{"cutoff", 0.5}})), z, labels);
  const double kept_loss = std::log1p(std::exp(-3.0));
  EXPECT_NEAR(got.mean, 2 * kept_loss / 4, 1e-12);
  EXPECT_NEAR(got.logits_gradient[0][1].item<double>(), 1 / (1 + std::exp(3.0)) / 4, 1e-12);
  EXPECT_EQ(got.logits_gradient[1][0].item<double>(), 0);
}

double WeightAt(const Loss& loss, const std::vector<double>& logits) {
  return Make(loss)
      ->Evaluate(MakeExamples(Row(logits, at::kDouble), Label(0)))
      .weight.item<double>();
}

TEST(Losses, PiecewiseZeroKeepsAProbabilityEqualToTheCutoffAndTruncatedGceDoesNot) {
  EXPECT_EQ(WeightAt(With("piecewise_zero", {{"cutoff", 0.5}}), {0, 0}), 1);
  EXPECT_EQ(WeightAt(With("piecewise_zero", {{"cutoff", 0.5}}), {0, 1e-12}), 0);
  EXPECT_EQ(WeightAt(With("truncated_gce", {{"k", 0.5}}), {0, 0}), 0);
  EXPECT_GT(WeightAt(With("truncated_gce", {{"k", 0.5}}), {1e-12, 0}), 0.6);
}

TEST(Losses, FocalWeightsVanishAtCertainty) {
  for (const char* gradient : {"detached", "full"}) {
    for (const double gamma : {0.5, 1.0, 2.0}) {
      EXPECT_EQ(WeightAt(With("focal", {{"gamma", gamma}, {"gradient", gradient}}), {100, 0}), 0);
    }
    EXPECT_EQ(WeightAt(With("focal", {{"gamma", 0.0}, {"gradient", gradient}}), {100, 0}), 1);
  }
}

TEST(Losses, FiniteForAnyFiniteLogits) {
  // exp(-87.5) = 1e-38 is float32's last normal number, and exp(-200) is 0 there.
  for (const double gap : {0.0, 1e-30, 1e-8, 17.0, 87.5, 200.0, 1e4, 1e38}) {
    for (const Loss& loss : ManyLosses()) {
      const std::unique_ptr<LossFunction> function = Make(loss);
      for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
        for (const int64_t label : {0, 1, 2}) {
          SCOPED_TRACE(ToText(FieldValue(loss)) + ", gap " + std::to_string(gap) + ", label " +
                       std::to_string(label) + ", " + at::toString(type));
          const LossValues got =
              function->Evaluate(MakeExamples(Row({0, gap, gap}, type), Label(label)));
          const double exact =
              function->Evaluate(MakeExamples(Row({0, gap, gap}, at::kDouble), Label(label)))
                  .value.item<double>();
          // A thousand times 1e38 is no float32.
          EXPECT_TRUE(got.value.isfinite().all().item<bool>() ||
                      std::abs(exact) > std::numeric_limits<float>::max());
          EXPECT_TRUE(got.logits_gradient.isfinite().all().item<bool>());
          if (got.weight.defined()) {
            EXPECT_TRUE(got.weight.isfinite().all().item<bool>());
          }
        }
      }
    }
  }
}

TEST(Losses, NanLogitsGiveNanLossAndGradient) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    for (const Loss& loss : ManyLosses()) {
      for (const int64_t label : {0, 1}) {
        SCOPED_TRACE(ToText(FieldValue(loss)));
        const BatchLoss got = EvaluateBatch(*Make(loss), Row({2, kNan, 0, -1}, type), Label(label));
        EXPECT_TRUE(std::isnan(got.mean));
        EXPECT_TRUE(got.logits_gradient.isnan().all().item<bool>());
      }
    }
  }
}

TEST(Losses, KnownSpecialCases) {
  const auto expect_equal = [](const Loss& a, const Loss& b) {
    SCOPED_TRACE(ToText(FieldValue(a)) + " and " + ToText(FieldValue(b)));
    const BatchLoss left = EvaluateBatch(*Make(a), Row(kLogits, at::kDouble), Label(2));
    const BatchLoss right = EvaluateBatch(*Make(b), Row(kLogits, at::kDouble), Label(2));
    EXPECT_NEAR(left.mean, right.mean, 1e-13);
    EXPECT_LT(left.logits_gradient.sub(right.logits_gradient).abs().max().item<double>(), 1e-13);
  };
  const Loss cross_entropy;
  const Loss mae = With("mae", {});
  for (const char* gradient : {"full", "detached"}) {
    expect_equal(With("blurry", {{"gamma", 0.0}, {"gradient", gradient}}), cross_entropy);
    expect_equal(With("focal", {{"gamma", 0.0}, {"gradient", gradient}}), cross_entropy);
    expect_equal(With("nfl", {{"gamma", 0.0}, {"gradient", gradient}}), With("nce", {}));
    expect_equal(With("blurry_piecewise_zero", {{"gamma", 0.4}, {"gradient", gradient}}),
                 With("blurry", {{"gamma", 0.4}, {"gradient", gradient}}));
  }
  expect_equal(With("blurry_piecewise_zero", {{"gamma", 0.0}, {"cutoff", 0.1}}),
               With("piecewise_zero", {{"cutoff", 0.1}}));
  expect_equal(With("label_smoothing", {{"epsilon", 0.0}}), cross_entropy);
  expect_equal(With("poly1", {{"epsilon", 0.0}}), cross_entropy);
  expect_equal(With("gce", {{"q", 1.0}}), mae);
  expect_equal(With("truncated_gce", {{"k", 0.0}}), With("gce", {}));
  expect_equal(With("taylor_ce", {{"t", 1.0}}), mae);
  expect_equal(With("agce", {{"a", 0.0}, {"q", 0.7}}), With("gce", {{"q", 0.7}}));
  expect_equal(With("agce", {{"a", 3.0}, {"q", 1.0}}), mae);
  expect_equal(With("aul", {{"a", 3.0}, {"q", 1.0}}), mae);
}

TEST(Losses, OnlyTheActiveNegativeLossPenalisesParameters) {
  for (const LossInfo& info : KnownLosses()) {
    EXPECT_EQ(Make(info.Default())->l1_penalty(), info.name == "anl_ce" ? 5e-5 : 0) << info.name;
  }
}

TEST(Losses, UnknownLossesAndParametersAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(MakeLoss({"hinge", {}}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MakeLoss({"blurry", {{"gamma", 0.5}}}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MakeLoss({"piecewise_zero", {{"cutoff", 2.0}}}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MakeLoss({"taylor_ce", {{"t", 2.5}}}).status()));
}

}  // namespace
}  // namespace firstguess::trainer
