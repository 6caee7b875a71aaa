// A trainer whose memory runs out, and one whose device breaks, on an allocator that says so.

#include <c10/core/Allocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/worker/trainer/same_trajectory.h"
#include "tests/worker/trainer/trainer_fixture.h"

namespace firstguess::trainer {
namespace {

using ::testing::HasSubstr;

// ATen's memory while this lives: up to `limit` bytes at a time.
class LimitedMemory final : public c10::Allocator {
 public:
  explicit LimitedMemory(size_t limit) : before_(c10::GetAllocator(c10::kCPU)), limit_(limit) {
    c10::SetAllocator(c10::kCPU, this);
    live_ = most_ = 0;
  }
  ~LimitedMemory() override { c10::SetAllocator(c10::kCPU, before_); }

  // At the next allocation.
  void Break() { broken_ = true; }
  // Bytes held at once so far.
  static size_t most() { return most_; }

  c10::DataPtr allocate(size_t bytes) override {
    TORCH_CHECK(!broken_, "the device does not answer");
    TORCH_CHECK(live_ + bytes <= limit_, "can't allocate memory: you tried to allocate ", bytes,
                " bytes");
    live_ += bytes;
    most_ = std::max(most_, live_);
    void* const block = c10::alloc_cpu(bytes);
    return {block, new Block{block, bytes}, &Release, c10::Device(c10::kCPU)};
  }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

 private:
  struct Block {
    void* data;
    size_t bytes;
  };
  static void Release(void* context) {
    const auto* const block = static_cast<Block*>(context);
    live_ -= block->bytes;
    c10::free_cpu(block->data);
    delete block;
  }

  static inline size_t live_ = 0, most_ = 0;
  c10::Allocator* const before_;
  const size_t limit_;
  bool broken_ = false;
};

class TrainerMemoryTest : public TrainerTest {
 protected:
  static std::vector<TrialConfig> Pack(int64_t trials) {
    std::vector<TrialConfig> pack(static_cast<size_t>(trials), Small());
    for (size_t k = 0; k < pack.size(); ++k) pack[k].seed = static_cast<int64_t>(k);
    return pack;
  }

  // What a pack of so many trials needs when its data are there.
  static size_t BytesFor(int64_t trials) {
    Collector collector;
    EXPECT_TRUE(Train(Pack(1), collector).ok());
    collector.finished.clear();
    const LimitedMemory memory(std::numeric_limits<size_t>::max());
    EXPECT_TRUE(Train(Pack(trials), collector).ok());
    return LimitedMemory::most();
  }
};

TEST_F(TrainerMemoryTest, ATileThatDoesNotFitIsHalvedUntilItDoesAndSaysSo) {
  const size_t enough_for_two = BytesFor(2);
  Collector roomy, tight;
  ASSERT_TRUE(Train(Pack(8), roomy).ok());
  testing::internal::CaptureStderr();
  {
    const LimitedMemory memory(enough_for_two);
    EXPECT_TRUE(Train(Pack(8), tight).ok());
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("out of memory; training fewer networks at once networks=4"));
  ASSERT_EQ(roomy.finished.size(), 8u);
  ASSERT_EQ(tight.finished.size(), 8u);
  for (int64_t k = 0; k < 8; ++k) {
    EXPECT_EQ(roomy.finished[k].pack_size, 8);
    EXPECT_LE(tight.finished[k].pack_size, 2);
    ExpectSameBits(tight.finished[k], roomy.finished[k]);
  }
}

TEST_F(TrainerMemoryTest, WhatDoesNotEvenFitAloneFailsAsOutOfMemoryWithTheBytes) {
  const size_t too_little = BytesFor(1) - 1;
  Collector collector;
  {
    const LimitedMemory memory(too_little);
    ASSERT_TRUE(Train(Pack(2), collector).ok());
  }
  EXPECT_TRUE(collector.finished.empty());
  ASSERT_EQ(collector.failed.size(), 2u);
  EXPECT_TRUE(absl::IsResourceExhausted(collector.failed[0])) << collector.failed[0];
  EXPECT_THAT(std::string(collector.failed[0].message()),
              testing::ContainsRegex("tried to allocate [0-9]+ bytes"));
}

TEST_F(TrainerMemoryTest, ADeviceThatBreaksEndsTheTrainerAndIsNotTakenForLackOfMemory) {
  Collector collector;
  absl::Status status;
  {
    LimitedMemory memory(std::numeric_limits<size_t>::max());
    memory.Break();
    status = Train(Pack(2), collector);
  }
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("does not answer"));
  EXPECT_TRUE(collector.failed.empty());
}

}  // namespace
}  // namespace firstguess::trainer
