#include "coordinator/service/result_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/datasets.h"
#include "common/spec/fields.h"
#include "coordinator/service/groups_check.h"

namespace firstguess {
namespace {

constexpr size_t kLongestName = 256;  // of a device or library

template <typename... Words>
absl::Status Wrong(const Words&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

absl::Status CheckLength(absl::string_view what, size_t length, size_t classes) {
  if (length == classes) return absl::OkStatus();
  return Wrong(what, " has ", length, " entries, the data set has ", classes, " classes");
}

absl::Status CheckSteps(const TrialConfig& config, const Trajectory& trajectory) {
  const int64_t diverged = trajectory.diverged_at_step;
  if (diverged < -1 || diverged > config.steps) {
    return Wrong("diverged_at_step ", diverged, " is not a step of 0 to ", config.steps);
  }
  std::vector<int64_t> expected = SnapshotSteps(config.steps, config.points, config.spacing);
  if (diverged >= 0) {
    expected.erase(std::lower_bound(expected.begin(), expected.end(), diverged), expected.end());
  }
  if (trajectory.snapshots.size() != expected.size()) {
    return Wrong(trajectory.snapshots.size(), " snapshots, the trial has ", expected.size());
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    if (trajectory.snapshots[i].step != expected[i]) {
      return Wrong("snapshot ", i, " is of step ", trajectory.snapshots[i].step, ", not ",
                   expected[i]);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSnapshot(const Snapshot& snapshot, const std::vector<int64_t>& support,
                           int64_t probe_size) {
  const size_t classes = support.size();
  absl::Status status = CheckLength("guess_count", snapshot.guess_count.size(), classes);
  status.Update(CheckLength("correct_count", snapshot.correct_count.size(), classes));
  status.Update(CheckLength("mean_prob", snapshot.mean_prob.size(), classes));
  status.Update(CheckLength("class_loss", snapshot.class_loss.size(), classes));
  status.Update(CheckLength("drift", snapshot.drift.size(), classes));
  if (!status.ok()) return Wrong("step ", snapshot.step, ": ", status.message());
  int64_t guesses = 0;
  for (size_t c = 0; c < classes; ++c) {
    const int64_t guess = snapshot.guess_count[c];
    const int64_t correct = snapshot.correct_count[c];
    if (guess < 0 || guess > probe_size || correct < 0 || correct > std::min(guess, support[c])) {
      return Wrong("step ", snapshot.step, ": class ", c, " has ", guess, " guesses, ", correct,
                   " of them correct");
    }
    guesses += guess;
  }
  if (guesses != probe_size) {
    return Wrong("step ", snapshot.step, ": ", guesses, " guesses on ", probe_size,
                 " probe examples");
  }
  return absl::OkStatus();
}

absl::Status CheckSupport(const std::vector<int64_t>& support, int64_t probe_size) {
  int64_t examples = 0;
  for (const int64_t of_class : support) {
    if (of_class < 0 || of_class > probe_size) return Wrong("support of ", of_class, " examples");
    examples += of_class;
  }
  if (examples == probe_size) return absl::OkStatus();
  return Wrong("support adds up to ", examples, ", probe_size is ", probe_size);
}

// A permutation of the classes.
absl::Status CheckRanks(const std::vector<int64_t>& ranks) {
  std::vector<int64_t> sorted = ranks;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<int64_t>(i)) {
      return Wrong("initial_rank does not name every rank once");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckResult(const TrialConfig& config, const Trajectory& trajectory) {
  const auto classes = static_cast<size_t>(DatasetOf(config).classes());
  if (absl::Status status = CheckSteps(config, trajectory); !status.ok()) return status;
  // Diverged before its first snapshot, a trial may have looked at nothing.
  const bool looked = !trajectory.snapshots.empty() || !trajectory.support.empty() ||
                      !trajectory.initial_rank.empty();
  if (looked) {
    absl::Status status = CheckLength("support", trajectory.support.size(), classes);
    if (!trajectory.snapshots.empty() || !trajectory.initial_rank.empty()) {
      status.Update(CheckLength("initial_rank", trajectory.initial_rank.size(), classes));
    }
    if (status.ok()) status = CheckSupport(trajectory.support, config.probe_size);
    if (status.ok()) status = CheckRanks(trajectory.initial_rank);
    if (!status.ok()) return status;
  }
  for (const Snapshot& snapshot : trajectory.snapshots) {
    absl::Status status = CheckSnapshot(snapshot, trajectory.support, config.probe_size);
    if (!status.ok()) return status;
  }
  if (absl::Status status = CheckGroups(config, trajectory); !status.ok()) return status;
  if (trajectory.pack_size < 1) return Wrong("pack_size ", trajectory.pack_size);
  const bool has_condition = HasInitCondition(config);
  if (trajectory.init_try < (has_condition ? 1 : 0) ||
      trajectory.init_try > (has_condition ? config.init_tries : 0)) {
    return Wrong("init_try ", trajectory.init_try);
  }
  if (!std::isfinite(trajectory.train_seconds) || trajectory.train_seconds < 0) {
    return Wrong("train_seconds ", trajectory.train_seconds);
  }
  if (trajectory.device.size() > kLongestName || trajectory.library.size() > kLongestName) {
    return Wrong("device or library of more than ", kLongestName, " bytes");
  }
  return absl::OkStatus();
}

}  // namespace firstguess
