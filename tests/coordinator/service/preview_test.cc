#include "coordinator/service/preview.h"

#include <memory>
#include <string>

#include "coordinator/grid/cost.h"
#include "coordinator/grid/pack_plan.h"
#include "gtest/gtest.h"
#include "tests/coordinator/service/manual_store.h"
#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

std::shared_ptr<const Sweep> Parse(const std::string& spec) {
  ParsedSweep parsed = ParseSweep(spec, "test");
  return std::make_shared<const Sweep>(*std::move(parsed.sweep));
}

bool Never() { return false; }

// Makes trials of the first `trials` seeds of SpecOf known.
void MakeKnown(int64_t trials, ManualStore* store, View* view) {
  const auto sweep = Parse(SpecOf("known", trials));
  store->Submit(InsertSweep{.sweep_id = 1,
                            .name = "known",
                            .spec = SpecOf("known", trials),
                            .canonical = "",
                            .priority = 0,
                            .cells = trials,
                            .at = absl::UnixEpoch()},
                [](const WriteResult&) {});
  OpenPack open;
  open.pack_id = 1;
  open.sweep_id = 1;
  open.lease = {.lease_id = 1, .worker = "w", .instance_id = "w", .granted_at = absl::UnixEpoch()};
  const PackPlan plan = *PackPlan::Make(sweep);
  for (int64_t i = 0; i < trials; ++i) {
    open.cells.push_back({.cell = static_cast<uint64_t>(i),
                          .slot = i,
                          .config = plan.grid().ConfigAt(static_cast<uint64_t>(i))});
  }
  store->Submit(open, [](const WriteResult&) {});
  store->Commit();
  view->sweeps.emplace_back();
}

TEST(Preview, KnownTrialsAreCountedExactlyAndCostNothing) {
  ManualStore store;
  View view;
  MakeKnown(4, &store, &view);
  const auto sweep = Parse(SpecOf("s", 10));
  const absl::StatusOr<v1::PreviewResponse> preview = PreviewOf(sweep, view, &store, Never);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->cells(), 10);
  EXPECT_EQ(preview->trials_known(), 4);
  EXPECT_TRUE(preview->known_is_exact());
  EXPECT_EQ(preview->packs(), 1);
  const double flops = TrialFlops(PackPlan::Make(sweep)->grid().ConfigAt(0));
  EXPECT_NEAR(preview->total_flops(), 6 * flops, 1e-6 * flops);
  EXPECT_EQ(preview->seconds(), 0);
}

TEST(Preview, AnEditSaysWhatItKeepsAddsAndDrops) {
  ManualStore store;
  View view;
  MakeKnown(4, &store, &view);
  view.sweeps[0].sweep_id = 1;
  view.sweeps[0].name = "known";
  const auto same = PreviewOf(Parse(SpecOf("known", 4)), view, &store, Never);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_TRUE(same->change().same_spec());
  const auto edited = PreviewOf(Parse(SpecOf("known", 9, "width: 64\n")), view, &store, Never);
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_FALSE(edited->change().same_spec());
  EXPECT_EQ(edited->change().revision(), 1);
  EXPECT_EQ(edited->change().cells_kept(), 4);
  EXPECT_EQ(edited->change().cells_added(), 5);
  EXPECT_EQ(edited->change().cells_dropped(), 0);
  EXPECT_EQ(edited->change().trials_known(), 0);
  EXPECT_TRUE(edited->change().known_is_exact());
  EXPECT_FALSE(PreviewOf(Parse(SpecOf("s", 4)), view, &store, Never)->has_change());
}

TEST(Preview, SecondsFollowFromTheWorkersRate) {
  ManualStore store;
  View view;
  view.flops_per_second = 1e9;
  const absl::StatusOr<v1::PreviewResponse> preview =
      PreviewOf(Parse(SpecOf("s", 10)), view, &store, Never);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_NEAR(preview->seconds(), preview->total_flops() / 1e9, 1e-9);
}

TEST(Preview, AGridOfMoreThanAMillionCellsIsSampledAndSaysSo) {
  ManualStore store;
  View view;
  MakeKnown(1, &store, &view);
  const absl::StatusOr<v1::PreviewResponse> preview =
      PreviewOf(Parse(SpecOf("s", 50'000'000)), view, &store, Never);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->cells(), 50'000'000);
  EXPECT_FALSE(preview->known_is_exact());
}

TEST(Preview, NobodyWaitsForACallerWhoIsGone) {
  ManualStore store;
  View view;
  MakeKnown(1, &store, &view);
  EXPECT_EQ(PreviewOf(Parse(SpecOf("s", 10)), view, &store, [] { return true; }).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace firstguess
