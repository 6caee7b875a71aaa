#include "worker/trainer/data/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "tests/worker/trainer/data/npy_files.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const NpyKind kAny{.types = {"|u1", "|i1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"},
                   .min_dimensions = 1,
                   .max_dimensions = 3};

class NpyTest : public testing::Test {
 protected:
  absl::StatusOr<NpyArray> Read(const std::string& bytes, const NpyKind& kind = kAny) {
    path_ = folder_.Write("x.npy", bytes);
    return ReadNpy(path_, kind);
  }

  // Expects DataLoss at this decompressed byte of the file, with these words.
  void ExpectFault(const std::string& bytes, int64_t offset, const std::string& words,
                   const NpyKind& kind = kAny) {
    const absl::Status status = Read(bytes, kind).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(absl::StrCat(path_, ": byte ", offset, ": ")));
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
  }

  // A header, which begins at byte 10, with `wrong` in the place of `right`: the fault is there, or
  // `after` bytes on.
  void ExpectHeaderFault(const std::string& right, const std::string& wrong,
                         const std::string& words, int64_t after = 0) {
    std::string header = NpyHeader("<f4", {2, 3});
    const size_t at = header.find(right);
    ASSERT_NE(at, std::string::npos);
    header.replace(at, right.size(), wrong);
    SCOPED_TRACE(header);
    ExpectFault(NpyWithHeader(header, std::string(24, 'x')), 10 + static_cast<int64_t>(at) + after,
                words);
  }

  TemporaryFolder folder_;
  std::string path_;
};

// Bytes that NumPy 1.24 wrote: numpy.save(file, numpy.array([[1.5, -2, 3]], dtype="float32")).
TEST_F(NpyTest, AFileThatNumPyWroteIsRead) {
  std::string file("\x93NUMPY\x01\x00v\x00", 10);
  file += "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }";
  file += std::string(58, ' ') + "\n";
  file += std::string("\x00\x00\xc0\x3f\x00\x00\x00\xc0\x00\x00\x40\x40", 12);
  for (const std::string& bytes : {file, Gzip(file)}) {
    const absl::StatusOr<NpyArray> array = Read(bytes);
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_EQ(array->type, "<f4");
    EXPECT_THAT(array->shape, ElementsAre(1, 3));
    EXPECT_EQ(array->data_offset, 128);
    EXPECT_EQ(array->Real(0), 1.5);
    EXPECT_EQ(array->Real(1), -2);
    EXPECT_EQ(array->Real(2), 3);
  }
}

TEST_F(NpyTest, EveryVersionIsReadAndNoOther) {
  for (const char version : {1, 2, 3}) {
    const absl::StatusOr<NpyArray> array =
        Read(NpyWithHeader(NpyHeader("|u1", {3}), "abc", version));
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_THAT(array->bytes, ElementsAre('a', 'b', 'c'));
  }
  for (const char version : {0, 4}) {
    ExpectFault(NpyWithHeader(NpyHeader("|u1", {3}), "abc", version), 6,
                absl::StrCat("format ", int{version}, ".0"));
  }
}

TEST_F(NpyTest, EveryTypeIsReadToItsEnds) {
  const auto expect = [&](const std::string& type, auto lowest, auto largest) {
    SCOPED_TRACE(type);
    const absl::StatusOr<NpyArray> array =
        Read(Npy(type, {2}, std::vector<decltype(lowest)>{lowest, largest}));
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_EQ(array->Integer(0), static_cast<int64_t>(lowest));
    EXPECT_EQ(array->Integer(1), largest > decltype(largest){0} && static_cast<int64_t>(largest) < 0
                                     ? std::numeric_limits<int64_t>::max()
                                     : static_cast<int64_t>(largest));
  };
  expect("|i1", int8_t{-128}, int8_t{127});
  expect("|u1", uint8_t{0}, uint8_t{255});
  expect("<i2", int16_t{-32768}, int16_t{32767});
  expect("<u2", uint16_t{1}, uint16_t{65535});
  expect("<i4", std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
  expect("<u4", uint32_t{1}, std::numeric_limits<uint32_t>::max());
  expect("<i8", std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
  expect("<u8", uint64_t{1}, std::numeric_limits<uint64_t>::max());
  const absl::StatusOr<NpyArray> real = Read(Npy("<f8", {1}, std::vector<double>{1e-300}));
  ASSERT_TRUE(real.ok()) << real.status();
  EXPECT_EQ(real->Real(0), 1e-300);
}

TEST_F(NpyTest, TheDictionaryMayBeInAnyOrderAndSpacing) {
  const absl::StatusOr<NpyArray> array = Read(NpyWithHeader(
      "{ \"shape\" :(2,3 ,),'fortran_order':False\n,'descr':'|u1'}", std::string(6, 'x')));
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_THAT(array->shape, ElementsAre(2, 3));
}

TEST_F(NpyTest, EveryTruncationIsRefusedAtItsEnd) {
  const std::string file = Npy("<i2", {3}, std::vector<int16_t>{1, 2, 3});
  for (size_t length = 0; length < file.size(); ++length) {
    ExpectFault(file.substr(0, length), static_cast<int64_t>(length), "truncated");
  }
}

TEST_F(NpyTest, TrailingBytesAreRefused) {
  const std::string file = Npy("<i2", {3}, std::vector<int16_t>{1, 2, 3});
  ExpectFault(file + "x", static_cast<int64_t>(file.size()), "more data than the shape");
}

TEST_F(NpyTest, WhatIsNoNpyFileIsRefused) {
  ExpectFault("PK\x03\x04 an archive of arrays", 0, "no .npy file");
}

TEST_F(NpyTest, WrongHeadersAreRefusedAtTheirByte) {
  ExpectHeaderFault("{", "[", "`{`");
  ExpectHeaderFault("'descr'", "descr", "a text in quotes");
  ExpectHeaderFault("'descr'", "'type'", "'descr', 'fortran_order' or 'shape'");
  ExpectHeaderFault("'fortran_order': False", "'descr': '<f4'", "each once");
  ExpectHeaderFault(": '<f4'", " '<f4'", "`:`", 1);
  ExpectHeaderFault("'<f4'", "'>f4'", "which is big-endian, where they must be one of |u1");
  ExpectHeaderFault("'<f4'", "'<c8'", "elements of type '<c8'");
  ExpectHeaderFault("'<f4'", "[('a', '<f4')]", "structured");
  ExpectHeaderFault("'<f4'", "'<f4", "elements of type '<f4, '");
  ExpectHeaderFault("False", "True", "numpy.ascontiguousarray");
  ExpectHeaderFault("(2, 3)", "2, 3", "`(`");
  ExpectHeaderFault("2, 3)", "-2, 3)", "a size here");
  ExpectHeaderFault("2, 3)", "2 3)", "`)`", 2);
  ExpectHeaderFault("2, 3)", "0, 3)", "dimension 0 is empty");
  ExpectHeaderFault("(2, 3)", "(2, 3, 1, 1)", "4 dimensions, where it must have 1 to 3");
  ExpectHeaderFault("(2, 3)", "()", "0 dimensions");
  ExpectHeaderFault(" }", " } }", "more text", 3);
  ExpectFault(NpyWithHeader("{'descr': '<f4', 'shape': (1,)}", ""), 64, "lacks one of");
}

TEST_F(NpyTest, AbsurdSizesAskForNoMemory) {
  ExpectHeaderFault("2, 3)", "99999999999999999999, 3)", "no array can have");
  ExpectHeaderFault("2, 3)", "9223372036854775807, 3)", "dimension 0 of size 9223372036854775807");
  ExpectHeaderFault("3)", "4294967296)", "dimension 1 of size 4294967296 makes the array larger");
  // Within the limit, but not there: refused at the file's end.
  const std::string file = NpyWithHeader(NpyHeader("|u1", {1 << 30, 8}), "short");
  ExpectFault(file, static_cast<int64_t>(file.size()), "8589934587 bytes short");
  ExpectFault(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12), 8, "a header of 4294967295");
}

// Whatever happens to a header, the file is read whole or refused by name.
TEST_F(NpyTest, DamagedHeadersAreReadOrRefused) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const std::string file = Npy("<i2", {2, 3}, std::vector<int16_t>{1, 2, 3, 4, 5, 6});
  constexpr absl::string_view kLikely = "{}()[]',: \n0123456789<>|fiu";
  for (int round = 0; round < 300; ++round) {
    std::string damaged = file;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      const char c =
          random() % 2 == 0 ? kLikely[random() % kLikely.size()] : static_cast<char>(random());
      const size_t at = random() % 100;
      if (random() % 2 == 0) {
        damaged[at] = c;
      } else {
        damaged.insert(at, 1, c);
      }
    }
    const absl::StatusOr<NpyArray> array = Read(damaged);
    if (!array.ok()) {
      EXPECT_THAT(std::string(array.status().message()), HasSubstr(path_ + ": byte "));
      continue;
    }
    int64_t bytes = array->element_bytes();
    for (const int64_t size : array->shape) bytes *= size;
    EXPECT_EQ(static_cast<int64_t>(array->bytes.size()), bytes);
    EXPECT_EQ(array->data_offset + bytes, static_cast<int64_t>(damaged.size()));
  }
}

TEST_F(NpyTest, AMissingFileIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadNpy(folder_.path() + "/none.npy", kAny).status()));
}

}  // namespace
}  // namespace firstguess::trainer
