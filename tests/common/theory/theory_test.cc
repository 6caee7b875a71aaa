// Holds the theory against values computed independently (numpy, scipy): closed forms of untrained
// wide networks to the printed digits, which are 8 to 10.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "common/theory/gaussian.h"
#include "common/theory/guess_law.h"
#include "common/theory/order_parameters.h"
#include "common/theory/phases.h"

namespace firstguess::theory {
namespace {

TEST(Gaussian, QuantileInvertsTheDistributionFunctionInBothTails) {
  for (const double p : {1e-300, 1e-20, 1e-5, 0.1, 0.3, 0.5}) {
    EXPECT_NEAR(NormalCdf(NormalQuantile(p)) / p, 1, 1e-12) << p;
  }
  EXPECT_DOUBLE_EQ(NormalQuantile(0.975), -NormalQuantile(0.025));
  EXPECT_EQ(NormalQuantile(0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(NormalQuantile(1), std::numeric_limits<double>::infinity());
}

struct ReluRow {
  int depth;
  double rho, gamma, expected_max, deviation, above_075, above_09, above_099, entropy_bits;
};

TEST(OrderParameters, OfBiasFreeReluByDepth) {
  const ReluRow rows[] = {
      {0, 0.0000000000, 0.0000000000, 0.5000000000, 0.0000000000, 0, 0, 0, 1.000000},
      {1, 0.3183098862, 0.4669422069, 0.6908112970, 0.2270630402, 0.32361296, 0.06073142,
       0.00066305, 0.836284},
      {2, 0.4937310902, 0.9752348616, 0.7480044918, 0.2866768978, 0.49460680, 0.19438308,
       0.01848782, 0.725678},
      {5, 0.7359463506, 2.7871091817, 0.8282145171, 0.3628101818, 0.68620109, 0.44269952,
       0.16347767, 0.528989},
      {15, 0.9230218244, 11.9906949927, 0.9105109090, 0.4326017172, 0.84556208, 0.71131127,
       0.50169874, 0.287634},
      {50, 0.9878619449, 81.3855218021, 0.9648595598, 0.4745284466, 0.94040122, 0.88703502,
       0.79650712, 0.114492},
      {100, 0.9964231467, 278.5753450420, 0.9809515372, 0.4863483576, 0.96776513, 0.93879622,
       0.88914915, 0.062171}};
  const std::vector<OrderParameters> layers = Propagate(Prior{}, 100);
  for (const ReluRow& row : rows) {
    SCOPED_TRACE(row.depth);
    const OrderParameters& output = layers[static_cast<size_t>(row.depth)];
    const TwoClassLaw law{output.gamma()};
    EXPECT_NEAR(output.q(), 2, 1e-9);
    EXPECT_NEAR(output.rho(), row.rho, 1e-9);
    EXPECT_NEAR(output.gamma(), row.gamma, 1e-9 * (1 + row.gamma));
    EXPECT_NEAR(law.ExpectedMax(), row.expected_max, 1e-9);
    EXPECT_NEAR(law.StandardDeviation(), row.deviation, 1e-9);
    EXPECT_NEAR(law.ProbabilityMaxAbove(0.75), row.above_075, 1e-8);
    EXPECT_NEAR(law.ProbabilityMaxAbove(0.9), row.above_09, 1e-8);
    EXPECT_NEAR(law.ProbabilityMaxAbove(0.99), row.above_099, 1e-8);
    EXPECT_NEAR(law.ExpectedEntropyBits(), row.entropy_bits, 1e-6);
  }
}

TEST(OrderParameters, DriftGrowsLikeTheSquareOfTheDepth) {
  const std::vector<OrderParameters> layers = Propagate(Prior{}, 10000);
  const auto scaled = [&](int depth) {
    const OrderParameters& h = layers[static_cast<size_t>(depth)];
    return static_cast<double>(depth) * depth * h.within / h.q();
  };
  EXPECT_NEAR(scaled(10), 12.846448, 1e-6);
  EXPECT_NEAR(scaled(1000), 43.129733, 1e-5);
  EXPECT_NEAR(scaled(10000), 44.251957, 1e-3);
}

TEST(OrderParameters, OfReluWithOtherVariances) {
  const std::vector<OrderParameters> biased = Propagate({Activation::kRelu, 3.0, 0.2}, 50);
  EXPECT_NEAR(biased[1].within, 3.1191, 5e-5);
  EXPECT_NEAR(biased[1].between, 1.8809, 5e-5);
  EXPECT_NEAR(biased[5].gamma(), 3.176440, 1e-6);
  EXPECT_NEAR(biased[50].gamma(), 83.286651, 1e-6);
  const std::vector<OrderParameters> small = Propagate({Activation::kRelu, 1.5, 0.1}, 20);
  EXPECT_NEAR(small[20].gamma(), 613.467590, 1e-5);
}

TEST(OrderParameters, OfTheLibTorchDefaultInitialisation) {
  const std::vector<OrderParameters> layers =
      Propagate({Activation::kRelu, 1.0 / 3, 1.0 / (3 * 512.0), 1.0 / (3 * 784.0)}, 10);
  EXPECT_NEAR(std::sqrt(layers[1].q()), 0.237229, 1e-6);
  EXPECT_NEAR(layers[1].rho(), 0.32682580, 1e-8);
  EXPECT_NEAR(layers[5].rho(), 0.98396066, 1e-8);
  EXPECT_NEAR(TwoClassLaw{layers[5].gamma()}.ExpectedMax(), 0.959579, 1e-6);
}

TEST(OrderParameters, OfShiftedInputs) {
  const auto rho = [](double shift, int depth) {
    return Propagate({Activation::kRelu, 2, 0, -1, shift}, depth).back().rho();
  };
  EXPECT_NEAR(rho(0.5, 1), 0.42469756, 1e-8);
  EXPECT_NEAR(rho(0.5, 10), 0.87941915, 1e-8);
  EXPECT_NEAR(rho(8, 3), 0.98624181, 1e-8);
  EXPECT_NEAR(Propagate({Activation::kLinear, 1, 0, -1, 0.5}, 3).back().gamma(), 0.25, 1e-12);
}

TEST(OrderParameters, OfFiniteInputDimension) {
  EXPECT_NEAR(ReluCorrelationFiniteInput(1, 2), 1 / kPi, 1e-9);
  EXPECT_NEAR(ReluCorrelationFiniteInput(2, 2), 0.44901046, 1e-8);
  EXPECT_NEAR(ReluCorrelationFiniteInput(20, 2), 0.75087624, 1e-8);
  EXPECT_NEAR(ReluCorrelationFiniteInput(10, 784), 0.87101213, 1e-8);
  EXPECT_NEAR(ReluCorrelationFiniteInput(20, 3072), 0.94827636, 1e-8);
}

TEST(OrderParameters, OfTanh) {
  struct Row {
    double weight_variance, bias_variance;
    int depth;
    double q, rho;
  };
  const Row rows[] = {
      {1, 0.05, 1, 0.45318, 0.14963828},          {1, 0.05, 5, 0.21014, 0.65062511},
      {1, 0.1, 10, 0.29512, 0.97183545},          {1.5, 0, 5, 0.33621, 0},
      {1.98607264, 0.1, 20, 0.80580, 0.78901269}, {3.5, 0.01, 10, 1.74466, 0.03602783}};
  for (const Row& row : rows) {
    const OrderParameters output =
        Propagate({Activation::kTanh, row.weight_variance, row.bias_variance}, row.depth).back();
    EXPECT_NEAR(output.q(), row.q, 5.1e-6);
    EXPECT_NEAR(output.rho(), row.rho, 1e-8);
  }
}

TEST(Phases, EdgeOfChaosOfTanh) {
  const double rows[][3] = {{0, 1, 0},
                            {0.001, 1.18918959, 0.10729236},
                            {0.05, 1.76095464, 0.57004788},
                            {0.2, 2.28515247, 1.16449629}};
  for (const auto& [bias_variance, weight_variance, q] : rows) {
    const CriticalPoint point = EdgeOfChaos(Activation::kTanh, bias_variance);
    EXPECT_NEAR(point.weight_variance, weight_variance, 1e-8);
    EXPECT_NEAR(point.q, q, 1e-8);
    EXPECT_NEAR(GradientMultiplier(Activation::kTanh, point.weight_variance, point.q), 1, 1e-9);
  }
}

TEST(Phases, NeutralityLineOfTanh) {
  EXPECT_NEAR(NeutralityLine(0.01)->weight_variance, 1.684668, 1.1e-6);
  EXPECT_NEAR(NeutralityLine(0.2)->weight_variance, 3.761095, 1e-6);
  EXPECT_FALSE(NeutralityLine(0).ok());
}

TEST(Phases, HaveNames) {
  EXPECT_THAT(PhaseName(Activation::kRelu, 1.5, 0), testing::HasSubstr("ordered"));
  EXPECT_THAT(PhaseName(Activation::kRelu, 2, 0), testing::HasSubstr("edge of chaos"));
  EXPECT_THAT(PhaseName(Activation::kTanh, 2.0, 0.05), testing::HasSubstr("prejudice"));
  EXPECT_THAT(PhaseName(Activation::kTanh, 3.0, 0.05), testing::HasSubstr("neutrality"));
}

TEST(Pooling, MomentsOfOneLayer) {
  const PooledMoments relu = PoolingMoments(Activation::kRelu, Pooling::kMax, 9);
  EXPECT_NEAR(relu.mean, 1.4852610649, 1e-9);
  EXPECT_NEAR(relu.mean_square, 2.5625591277, 1e-9);
  EXPECT_NEAR(relu.gamma(), 6.1869208357, 1e-8);
  const PooledMoments two = PoolingMoments(Activation::kRelu, Pooling::kMax, 2);
  EXPECT_NEAR(two.critical_weight_variance(), 4 * kPi / (3 * kPi + 2), 1e-12);
  const PooledMoments average = PoolingMoments(Activation::kRelu, Pooling::kAverage, 2);
  EXPECT_NEAR(average.critical_weight_variance(), 4 * kPi / (kPi + 1), 1e-12);
  EXPECT_NEAR(PoolingMoments(Activation::kLinear, Pooling::kMax, 2).rho(), 1 / kPi, 1e-12);
  const PooledMoments tanh = PoolingMoments(Activation::kTanh, Pooling::kMax, 2);
  EXPECT_NEAR(tanh.rho(), 0.3320876043, 1e-9);
  EXPECT_NEAR(tanh.gamma(), 0.4972023374, 1e-9);
}

TEST(GuessLaw, SumOfSquaresOfTwoClassesHasAClosedForm) {
  for (const int depth : {1, 3, 10}) {
    const double rho = Propagate(Prior{}, depth).back().rho();
    const GuessMoments moments = GuessMomentsOf(2, rho);
    EXPECT_NEAR(moments.expected_sum_of_squares, 0.5 + std::asin(rho) / kPi, 2e-3);
    EXPECT_NEAR(moments.expected_max, TwoClassLaw{rho / (1 - rho)}.ExpectedMax(),
                4 * moments.expected_max_error + 1e-4);
  }
}

TEST(GuessLaw, OfTenClassesAgreesWithMonteCarlo) {
  const double rho = Propagate(Prior{}, 3).back().rho();
  const GuessMoments moments = GuessMomentsOf(10, rho, 1024);
  EXPECT_NEAR(moments.expected_max, 0.4998, 3 * 0.0045);
  EXPECT_NEAR(moments.expected_sum_of_squares, 0.3616, 3 * 0.0042);
  EXPECT_NEAR(moments.expected_entropy, 0.5924, 3 * 0.0042);
}

TEST(GuessLaw, QuantilesInvertTheDistributionFunction) {
  for (const double gamma : {0.3, 1.0, 6.78}) {
    const TwoClassLaw law{gamma};
    for (const double p : {0.01, 0.1, 0.5, 0.75}) {
      EXPECT_NEAR(law.Cdf(law.Quantile(p)), p, 1e-12) << gamma << " " << p;
    }
  }
  EXPECT_DOUBLE_EQ(TwoClassLaw{1}.Quantile(0.3), 0.3);
  EXPECT_EQ(TwoClassLaw{0}.Quantile(0.9), 0.5);
  const TwoClassLaw certain{std::numeric_limits<double>::infinity()};
  EXPECT_EQ(certain.Quantile(0.1), 0);
  EXPECT_EQ(certain.Quantile(0.9), 1);
}

TEST(GuessLaw, LimitsOfTheDrift) {
  EXPECT_DOUBLE_EQ(TwoClassLaw{0}.ExpectedMax(), 0.5);
  EXPECT_DOUBLE_EQ(TwoClassLaw{std::numeric_limits<double>::infinity()}.ExpectedMax(), 1);
  EXPECT_DOUBLE_EQ(TwoClassLaw{1}.Cdf(0.3), 0.3);
  const std::vector<double> certain = GuessFractions({0.1, 2, -1}, 1);
  EXPECT_THAT(certain, testing::ElementsAre(0, 1, 0));
  double sum = 0;
  for (const double g : GuessFractions({0.1, 2, -1, 0.5}, 0.6)) sum += g;
  EXPECT_NEAR(sum, 1, 1e-9);
}

}  // namespace
}  // namespace firstguess::theory
