#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/statusor.h"
#include "common/spec/trial.h"
#include "worker/trainer/pack_data.h"

namespace firstguess::trainer {

// The draw of the initial weights that a trial takes: the first of 1 … init_tries whose max_guess
// on the probe set is from init_max_guess_min to init_max_guess_max, both included; 1 without a
// condition. Draw 1 has the streams of a trial without condition, draw k > 1 init/<seed>.<k>/….
// Stable. max_guess is that of the network by itself, which may differ from the snapshot's by
// rounding where two logits are all but equal.
//
// FailedPrecondition, with the nearest max_guess that there was, when no draw will do; Cancelled
// when `stop` becomes true. REQUIRES: CheckTrial(config) is ok.
absl::StatusOr<int64_t> FindDraw(const TrialConfig& config, const PackData& data,
                                 const at::Device& device, const std::atomic<bool>& stop);

}  // namespace firstguess::trainer
