#include "worker/trainer/device_examples.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace firstguess::trainer {
namespace {

const at::Device kCpu(at::kCPU);

// 4 examples of two channels of 3 values.
ImageDataset Images() {
  ImageDataset data;
  data.classes = 2;
  data.train.inputs = 6;
  data.train.channels = 2;
  data.train.width = 3;
  data.train.labels = {0, 1, 0, 1};
  for (int pixel = 0; pixel < 24; ++pixel) {
    data.train.pixels.push_back(static_cast<uint8_t>(37 * pixel));
  }
  data.table = NormalisationTable(data.train);
  return data;
}

// Examples 3, 0 and 1 of those kept, which are 1, 2, 3 and 0.
void ExpectWhatFillInputsGives(const ImageDataset& data) {
  const auto examples = DeviceExamples::Make(data, {1, 2, 3, 0}, kCpu);
  ASSERT_TRUE(examples.has_value());
  const at::Tensor expected = at::empty({3, data.train.inputs}, at::kFloat);
  const int64_t rows[] = {0, 1, 2};
  FillInputs(data.train, data.table, rows, 3, expected.mutable_data_ptr<float>());
  EXPECT_TRUE(at::equal(examples->Inputs(at::tensor({3, 0, 1}, at::kLong)), expected));
}

TEST(DeviceExamples, PixelsAreNormalisedByChannelAsOnTheHost) {
  ExpectWhatFillInputsGives(Images());
}

TEST(DeviceExamples, FloatsAreUsedAsTheyAre) {
  ImageDataset data = Images();
  data.train.values.assign(data.train.pixels.begin(), data.train.pixels.end());
  for (float& value : data.train.values) value /= 7;
  data.train.pixels.clear();
  data.table.clear();
  ExpectWhatFillInputsGives(data);
}

TEST(DeviceExamples, WhatDoesNotFitStaysOnTheHost) {
  EXPECT_TRUE(DeviceExamples::Make(Images(), {0, 1}, kCpu, /*max_bytes=*/12).has_value());
  EXPECT_FALSE(DeviceExamples::Make(Images(), {0, 1}, kCpu, /*max_bytes=*/11).has_value());
}

}  // namespace
}  // namespace firstguess::trainer
