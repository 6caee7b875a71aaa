#include "tests/coordinator/store/random_writes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"
#include "tests/sanitized.h"

namespace firstguess {
namespace {

// Texts of values, so that a difference is seen at a glance.

std::string Text(const StoredTrial& trial) {
  return absl::StrCat("trial ", trial.trial_id, " pack ", trial.pack_id, " slot ", trial.slot, " ",
                      TrialStatusName(trial.status), " attempts ", trial.attempts, " ",
                      TrialKey(trial.config).substr(0, 8));
}

std::string Text(const SweepCounters& counters) {
  return absl::StrCat("cells ", counters.cells, " done ", counters.done, " failed ",
                      counters.failed, " cancelled ", counters.cancelled, " leased ",
                      counters.leased, " diverged ", counters.diverged);
}

std::string Text(const ChangedSweep& changed) {
  return absl::StrCat("sweep ", changed.sweep_id, " ", SweepStateName(changed.state), " ",
                      Text(changed.counters));
}

std::string Text(const StoredRevision& revision) {
  return absl::StrCat(
      revision.spec, " ", revision.canonical, " ", revision.plan_rules, " last ",
      revision.last_plan_index.has_value() ? absl::StrCat(*revision.last_plan_index) : "none");
}

std::string Text(const std::vector<SweepId>& ids) { return absl::StrJoin(ids, ","); }

template <typename Values>
std::string Texts(const Values& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(Text(value));
  return absl::StrJoin(texts, "\n  ");
}

std::string Text(const WriteResult& result) {
  return absl::StrCat("members\n  ", Texts(result.members), "\nshared\n  ", Texts(result.shared),
                      "\nretried\n  ", Texts(result.retried), "\nwanted by\n  ",
                      Texts(result.retried_wanted_by), "\ndropped ", Text(result.dropped),
                      "\nstored ", result.stored, "\nsweeps\n  ", Texts(result.sweeps));
}

std::string Text(const StoredSweep& sweep) {
  return absl::StrCat("sweep ", sweep.sweep_id, " ", sweep.name, " ", SweepStateName(sweep.state),
                      " ", sweep.priority, " ", Text(sweep.counters), " ",
                      absl::FormatTime(sweep.created_at), " ",
                      sweep.finished_at.has_value() ? absl::FormatTime(*sweep.finished_at) : "open",
                      "\n  ", Texts(sweep.revisions));
}

std::string Text(const StoredPack& pack) {
  return absl::StrCat("pack ", pack.pack_id, " of ", pack.sweep_id, " lost ", pack.times_lost,
                      "\n    ", Texts(pack.trials), "\n    wanted by ", Texts(pack.wanted_by));
}

std::string Text(const StoredLease& lease) {
  return absl::StrCat("lease ", lease.lease_id, " of pack ", lease.pack_id, " ", lease.worker, " ",
                      lease.instance_id, ": ", absl::StrJoin(lease.trials, ","));
}

std::string TextOfWork(const OpenWork& work) {
  std::string text = "sweeps";
  for (const StoredSweep& sweep : work.sweeps) absl::StrAppend(&text, "\n  ", Text(sweep));
  absl::StrAppend(&text, "\npacks");
  for (const StoredPack& pack : work.packs) absl::StrAppend(&text, "\n  ", Text(pack));
  absl::StrAppend(&text, "\nleases");
  for (const StoredLease& lease : work.leases) absl::StrAppend(&text, "\n  ", Text(lease));
  absl::StrAppend(&text, "\nlast ", work.last_sweep_id, " ", work.last_pack_id, " ",
                  work.last_lease_id);
  return text;
}

void RunSequence(uint64_t seed) {
  SCOPED_TRACE(absl::StrCat("replay with FIRSTGUESS_SEED=", seed));
  const TemporaryFolder folder;
  TestStore store(folder.File("sweep.db"));
  RandomWrites writes(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 25; ++round) {
    std::vector<Write> batch;
    std::vector<WriteResult> expected;
    const uint64_t size = 1 + random() % 12;
    for (uint64_t i = 0; i < size; ++i) {
      auto [write, result] = writes.Next();
      batch.push_back(std::move(write));
      expected.push_back(std::move(result));
    }
    ASSERT_TRUE(writes.model().health().ok()) << writes.model().health();
    const std::vector<WriteResult> results = store.DoAll(std::move(batch));
    for (size_t i = 0; i < results.size(); ++i) {
      ASSERT_EQ(Text(results[i]), Text(expected[i])) << "round " << round << ", write " << i;
    }
    ASSERT_EQ(Violation(store.path()), "") << "round " << round;
    if (random() % 5 == 0) store.Reopen();
    const absl::StatusOr<OpenWork> work = store.store().LoadOpenWork();
    ASSERT_TRUE(work.ok()) << work.status();
    ASSERT_EQ(TextOfWork(*work), TextOfWork(writes.model().LoadOpenWork())) << "round " << round;
  }
}

// The store does what the model of the state machine's tests does, whatever the order of writes,
// and its counters are what a recount says. FIRSTGUESS_SEED=n runs that sequence alone.
TEST(RandomWrites, DoWhatTheModelDoesAndKeepTheCountersRight) {
  uint64_t first = 1;
  uint64_t count = kSanitized ? 8 : 20;
  if (const char* seed = std::getenv("FIRSTGUESS_SEED")) {
    first = std::strtoull(seed, nullptr, 10);
    count = 1;
  }
  for (uint64_t seed = first; seed < first + count; ++seed) {
    RunSequence(seed);
    if (testing::Test::HasFatalFailure()) FAIL() << "FIRSTGUESS_SEED=" << seed;
  }
}

}  // namespace
}  // namespace firstguess
