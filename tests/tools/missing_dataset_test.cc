#include "tools/firstguess/missing_dataset.h"

#include "gmock/gmock.h"

namespace firstguess {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(HowToGetMissingDatasetTest, SaysWhereItWasLookedForAndWhichFilesToPutThere) {
  EXPECT_THAT(HowToGetMissingDataset("no worker can run it: needs label big, data set cifar-100",
                                     "/home/data"),
              AllOf(StartsWith("Data set cifar-100 was looked for in /home/data/cifar-100 and "
                               "/usr/share/datasets/cifar-100: unpack cifar-100-binary.tar.gz "),
                    HasSubstr("in <dir>/cifar-100 and give --data-dir <dir>.")));
  EXPECT_THAT(HowToGetMissingDataset("needs data set fashion-mnist", ""),
              StartsWith("Data set fashion-mnist was looked for in "
                         "/usr/share/datasets/fashion-mnist: install it with `apt-get"));
}

TEST(HowToGetMissingDatasetTest, SaysHowToMakeOnesOwn) {
  EXPECT_EQ(HowToGetMissingDataset("needs data set npy/mine", "/home/data"),
            "Data set npy/mine was looked for in /home/data/mine and /usr/share/datasets/mine: "
            "make train/x.npy, train/y.npy, test/x.npy and test/y.npy with numpy.save in "
            "<dir>/mine and give --data-dir <dir>.");
}

TEST(HowToGetMissingDatasetTest, OtherReasonsAreNone) {
  EXPECT_EQ(HowToGetMissingDataset("needs label big, data set blobs", "/home/data"), "");
  EXPECT_EQ(HowToGetMissingDataset("no CUDA driver was found", ""), "");
  EXPECT_EQ(HowToGetMissingDataset("needs data set of a newer version", ""), "");
}

}  // namespace
}  // namespace firstguess
