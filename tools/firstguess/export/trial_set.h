#pragma once

#include <cstdint>
#include <vector>

namespace firstguess {

// Trials by their ids, as runs of neighbours: small, as trials end nearly in their order.
class TrialSet {
 public:
  struct Run {
    int64_t first = 0;
    int64_t last = 0;  // inclusive
    bool operator==(const Run&) const = default;
  };

  // REQUIRES: `trial_id` is larger than all in it.
  void Add(int64_t trial_id) {
    ++count_;
    if (!runs_.empty() && runs_.back().last + 1 == trial_id) {
      runs_.back().last = trial_id;
    } else {
      runs_.push_back({trial_id, trial_id});
    }
  }

  // In parts of so many trials, the last one of fewer; at least one part.
  std::vector<TrialSet> Split(int64_t trials) const {
    std::vector<TrialSet> parts(1);
    for (const Run& run : runs_) {
      for (int64_t id = run.first; id <= run.last; ++id) {
        if (parts.back().count() == trials) parts.emplace_back();
        parts.back().Add(id);
      }
    }
    return parts;
  }

  int64_t count() const { return count_; }
  const std::vector<Run>& runs() const { return runs_; }

  bool operator==(const TrialSet&) const = default;

 private:
  int64_t count_ = 0;
  std::vector<Run> runs_;
};

}  // namespace firstguess
