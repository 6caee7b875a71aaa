#include "common/spec/loss_reader.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct LossRead {
  size_t losses = 0;
  uint64_t values_left = 0;
  std::vector<std::string> errors;
};

// Reads an axis of losses where the file may still list `values_left` values.
LossRead ReadAxis(absl::string_view text, uint64_t values_left) {
  SpecErrors errors("l");
  ReadContext context{.errors = errors, .listed_values_left = values_left};
  const auto losses = ReadLossAxis(*ParseYaml(text, errors), context);
  LossRead read = {.losses = losses.has_value() ? losses->size() : 0,
                   .values_left = context.listed_values_left,
                   .errors = {}};
  for (const SpecError& error : errors.Sorted()) read.errors.push_back(error.ToString());
  return read;
}

TEST(ReadLossAxisTest, CountsTheLossesThatComeOut) {
  const LossRead read =
      ReadAxis("[{blurry: {gamma: [1, 2, 3], gradient: [full, detached]}}, cross_entropy]", 100);
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.losses, 7u);
  EXPECT_EQ(read.values_left, 93u);
}

TEST(ReadLossAxisTest, StopsBeforeTheProductGrowsTooLarge) {
  const LossRead read = ReadAxis("[{blurry: {gamma: [1, 2, 3], gradient: [full, detached]}}]", 5);
  EXPECT_THAT(read.errors, ElementsAre("l:1:2: a sweep lists at most 1000000 values (ranges of "
                                       "integers not counted)"));
  EXPECT_EQ(read.losses, 0u);
}

}  // namespace
}  // namespace firstguess
