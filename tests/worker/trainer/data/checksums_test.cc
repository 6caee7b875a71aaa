// Sums that lie beside a data set's files.

#include "worker/trainer/data/checksums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "tests/common/temporary_folder.h"
#include "tests/worker/trainer/data/idx_files.h"
#include "worker/trainer/data/dataset_files.h"
#include "worker/trainer/data/images.h"

namespace firstguess::trainer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ChecksumsTest : public testing::Test {
 protected:
  absl::Status VerifyWith(const std::string& list) {
    folder_.Write(kChecksumList, list);
    return VerifyChecksum(folder_.path(), path_);
  }
  absl::Status VerifyWithOwn(const std::string& list) {
    folder_.Write("images.bin.sha256", list);
    return VerifyChecksum(folder_.path(), path_);
  }

  // That the file was refused, with its sum and the one that `list` says.
  void ExpectMismatch(const absl::Status& status, const std::string& list) {
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_EQ(std::string(status.message()),
              absl::StrCat(path_, ": its SHA-256 is ", sum_, ", where ", folder_.path(), "/", list,
                           " says ", other_));
  }
  void ExpectBadLine(const absl::Status& status, int line) {
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(
        std::string(status.message()),
        HasSubstr(absl::StrCat("/", kChecksumList, ": line ", line, ": not a SHA-256 sum")));
  }

  const TemporaryFolder folder_;
  // More than is read at a time.
  const std::string bytes_ = absl::StrCat(std::string(3 << 20, 'x'), "end");
  const std::string path_ = folder_.Write("images.bin", bytes_);
  const std::string sum_ = Sha256Hex(bytes_);
  const std::string other_ = Sha256Hex("something else");
};

TEST_F(ChecksumsTest, WithoutSumsNothingIsChecked) {
  EXPECT_TRUE(VerifyChecksum(folder_.path(), path_).ok());
  EXPECT_TRUE(VerifyWith("").ok());
  EXPECT_TRUE(VerifyWith(absl::StrCat(other_, "  images.bin.gz\n", other_, "  bin\n")).ok());
}

TEST_F(ChecksumsTest, TheRightSumPassesInEveryFormThatIsWritten) {
  for (const std::string& list :
       {absl::StrCat(sum_, "  images.bin\n"), absl::StrCat(sum_, " *images.bin\n"),
        absl::StrCat(sum_, "  ./images.bin"), absl::StrCat(sum_, "  images.bin\r\n"),
        absl::StrCat(absl::AsciiStrToUpper(sum_), "  images.bin\n"),
        absl::StrCat("# of 2009\n\n", other_, "  other.bin\n", sum_, "  images.bin\n")}) {
    const absl::Status status = VerifyWith(list);
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_F(ChecksumsTest, AnotherSumIsRefusedWithBoth) {
  ExpectMismatch(VerifyWith(absl::StrCat(sum_, "  a\n", other_, "  images.bin\n")), kChecksumList);
  ExpectMismatch(VerifyWith(absl::StrCat(sum_, "  images.bin\n", other_, " *images.bin\n")),
                 kChecksumList);
}

TEST_F(ChecksumsTest, AFilesOwnListHoldsWhateverNameItSays) {
  for (const char* name : {"", "\n", "  images.bin\n", "  /there/before/images.bin\n"}) {
    const absl::Status status = VerifyWithOwn(absl::StrCat(sum_, name));
    EXPECT_TRUE(status.ok()) << status;
    ExpectMismatch(VerifyWithOwn(absl::StrCat(other_, name)), "images.bin.sha256");
  }
}

TEST_F(ChecksumsTest, AnEmptyListOfItsOwnIsRefused) {
  const absl::Status status = VerifyWithOwn("\n");
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("images.bin.sha256: holds no SHA-256 sum"));
}

TEST_F(ChecksumsTest, BothListsMustAgree) {
  EXPECT_TRUE(VerifyWith(absl::StrCat(sum_, "  images.bin\n")).ok());
  ExpectMismatch(VerifyWithOwn(other_), "images.bin.sha256");
}

TEST_F(ChecksumsTest, LinesThatCannotBeUnderstoodAreRefused) {
  ExpectBadLine(VerifyWith(absl::StrCat(sum_, "  images.bin\n\nSHA256 (a) = ", sum_, "\n")), 3);
  ExpectBadLine(VerifyWith(sum_), 1);  // of which file?
  ExpectBadLine(VerifyWith(absl::StrCat(sum_.substr(1), "  images.bin\n")), 1);
  ExpectBadLine(VerifyWith(absl::StrCat(sum_, "0  images.bin\n")), 1);
  ExpectBadLine(VerifyWith(absl::StrCat("g", sum_.substr(1), "  images.bin\n")), 1);
  ExpectBadLine(VerifyWith(std::string("\x7f"
                                       "ELF\0\1",
                                       6)),
                1);
}

TEST_F(ChecksumsTest, AMissingFileIsNotFoundByItsName) {
  folder_.Write(kChecksumList, absl::StrCat(sum_, "  nowhere\n"));
  const std::string path = absl::StrCat(folder_.path(), "/nowhere");
  const absl::Status status = VerifyChecksum(folder_.path(), path);
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
}

// The sum is of the file as it is stored, and is seen before the file is read.
TEST_F(ChecksumsTest, ADataSetsFilesAreVerified) {
  const std::string labels = Gzip(Idx({2}, "ab"));
  for (const char* file : {kTrainImages, kTrainLabels, kTestImages}) {
    folder_.Write(absl::StrCat("mnist/", file), "no IDX file");
  }
  folder_.Write(absl::StrCat("mnist/", kTestLabels, ".gz"), labels);
  const std::string list = absl::StrCat("mnist/", kChecksumList);

  folder_.Write(list, absl::StrCat(other_, "  ", kTestLabels, ".gz\n"));
  absl::Status status = ReadImageDataset("mnist", {folder_.path()}).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(absl::StrCat("/mnist/", kTestLabels, ".gz: its SHA-256 is ",
                                           Sha256Hex(labels))),
                    HasSubstr(other_)));

  folder_.Write(list, absl::StrCat(Sha256Hex(labels), "  ", kTestLabels, ".gz\n"));
  status = ReadImageDataset("mnist", {folder_.path()}).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("magic number"));
}

}  // namespace
}  // namespace firstguess::trainer
