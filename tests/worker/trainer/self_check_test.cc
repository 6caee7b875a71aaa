// What results depend on, and the comparison of a device with the CPU in float64, on the CPU
// itself.

#include "worker/trainer/self_check.h"

#include <ATen/Context.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "worker/trainer/device.h"

namespace firstguess::trainer {
namespace {

TEST(OpenDevice, TakesTF32AwayFromProductsAndConvolutions) {
  at::globalContext().setAllowTF32CuBLAS(true);
  at::globalContext().setAllowTF32CuDNN(true);
  const absl::StatusOr<DeviceInfo> device = OpenDevice("cpu", /*allow_tf32=*/true);
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_FALSE(device->tf32) << "a CPU has none";
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
}

TEST(DeviceComparison, GivesQuantilesOverTheLargestValue) {
  DeviceComparison comparison;
  comparison.Add("some", std::vector{1.0, 2.0, -4.0}, std::vector{1.0, 2.0001, -4.0004});
  comparison.Add("not a number", at::tensor({1.0, std::numeric_limits<double>::quiet_NaN()}),
                 at::tensor({1.0, 1.0}));
  const std::vector<DeviceError> errors = comparison.Take();
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_NEAR(errors[0].median, 2.5e-5, 1e-8);
  EXPECT_NEAR(errors[0].largest, 1e-4, 1e-8);
  EXPECT_TRUE(errors[0].within());
  EXPECT_FALSE(errors[1].within());
}

TEST(SelfCheck, TheCpuIsNearItselfInEveryQuantity) {
  const absl::StatusOr<std::vector<DeviceError>> errors = SelfCheck({});
  ASSERT_TRUE(errors.ok()) << errors.status();
  std::vector<std::string> quantities;
  for (const DeviceError& error : *errors) {
    quantities.push_back(error.quantity);
    EXPECT_TRUE(error.within()) << error.quantity << ": " << error.largest;
    EXPECT_LE(error.median, error.q99);
    EXPECT_LE(error.q99, error.largest);
  }
  EXPECT_THAT(quantities,
              testing::IsSupersetOf({"cross_entropy: gradient", "brier: drift",
                                     "adam: parameters after 5 updates", "pack, relu: gradients",
                                     "pack, layer_norm: gradients",
                                     "pack, sgd: parameters after 5 updates"}));
}

}  // namespace
}  // namespace firstguess::trainer
