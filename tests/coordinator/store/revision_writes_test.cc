#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Sweep 1 of three cells, all in a pack: trial 1 is done, 2 and 3 are leased.
class RevisionWrites : public testing::Test {
 protected:
  RevisionWrites() : path_(folder_.File("sweep.db")), store_(path_) {
    store_.Do(SweepOf(1, 3));
    store_.Do(PackOf(1, 1, {0, 1, 2}));
    store_.Do(ResultOf(1, 1));
  }
  ~RevisionWrites() override { EXPECT_EQ(Violation(path_), ""); }

  // Revision 2, without the cells from `first` on.
  static ExtendSweep Extension(int64_t cells, uint64_t first) {
    return {.sweep_id = 1,
            .revision = 2,
            .spec = "second text",
            .canonical = "second canonical",
            .priority = 7,
            .cells = cells,
            .drops = [first](int64_t, uint64_t cell) { return cell >= first; },
            .at = At(50)};
  }

  std::string Progress() {
    return Row(path_,
               "SELECT revision, state, cells, done, failed, cancelled, leased, pending"
               " FROM progress");
  }

  const TemporaryFolder folder_;
  const std::string path_;
  TestStore store_;
};

TEST_F(RevisionWrites, MarkDroppedCellsAndLeaveThemOutOfTheCounts) {
  const WriteResult result = store_.Do(Extension(3, 2));
  EXPECT_EQ(Progress(), "2|running|3|1|0|0|1|1");
  EXPECT_THAT(Rows(path_, "SELECT cell, dropped_in FROM cell ORDER BY cell"),
              ElementsAre("0|NULL", "1|NULL", "2|2"));
  EXPECT_THAT(result.dropped, ElementsAre(3));
  ASSERT_THAT(result.sweeps, SizeIs(1));
  EXPECT_EQ(result.sweeps[0].counters, (SweepCounters{.cells = 3, .done = 1, .leased = 1}));
  EXPECT_EQ(Row(path_, "SELECT priority FROM sweep"), "7");
}

TEST_F(RevisionWrites, FinishASweepWhoseLastOpenCellsAreDropped) {
  EXPECT_THAT(store_.Do(Extension(1, 1)).dropped, ElementsAre(2, 3));
  EXPECT_EQ(Progress(), "2|done|1|1|0|0|0|0");
  EXPECT_EQ(Row(path_, "SELECT finished_at FROM sweep"), Row(path_,
                                                             "SELECT submitted_at FROM "
                                                             "sweep_revision WHERE "
                                                             "revision = 2"));
}

TEST_F(RevisionWrites, RunADoneSweepAgainThatHasNewCells) {
  store_.Do(ResultOf(2, 1));
  store_.Do(ResultOf(3, 1));
  ASSERT_EQ(Progress(), "1|done|3|3|0|0|0|0");
  EXPECT_THAT(store_.Do(Extension(5, 3)).dropped, IsEmpty());
  EXPECT_EQ(Progress(), "2|running|5|3|0|0|0|2");
  EXPECT_EQ(Row(path_, "SELECT finished_at FROM sweep"), "NULL");
}

TEST_F(RevisionWrites, DoNotDropATrialThatAnotherLiveCellIs) {
  // Cell 0 of the next revision is trial 2 as well.
  store_.Do(Extension(4, 9));
  OpenPack again = PackOf(2, 1, {1});
  again.revision = 2;
  store_.Do(again);
  ExtendSweep third = Extension(1, 0);
  third.revision = 3;
  third.drops = [](int64_t revision, uint64_t) { return revision == 1; };
  EXPECT_THAT(store_.Do(third).dropped, ElementsAre(3));
  EXPECT_EQ(Progress(), "3|running|1|0|0|0|1|0");
}

TEST_F(RevisionWrites, AreThereAfterARestartWithTheirCursors) {
  store_.Do(Extension(5, 9));
  OpenPack next = PackOf(2, 1, {7});
  next.revision = 2;
  next.plan_index = 0;
  store_.Do(next);
  store_.Reopen();
  const absl::StatusOr<OpenWork> work = store_.store().LoadOpenWork();
  ASSERT_TRUE(work.ok()) << work.status();
  ASSERT_THAT(work->sweeps, SizeIs(1));
  const std::vector<StoredRevision>& revisions = work->sweeps[0].revisions;
  ASSERT_THAT(revisions, SizeIs(2));
  EXPECT_EQ(revisions[0].last_plan_index, 1U);
  EXPECT_EQ(revisions[1].spec, "second text");
  EXPECT_EQ(revisions[1].canonical, "second canonical");
  EXPECT_EQ(revisions[1].last_plan_index, 0U);
  EXPECT_EQ(*store_.store().SpecText(1), "second text");
}

}  // namespace
}  // namespace firstguess
