#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/trainer/trainer.h"

namespace firstguess::trainer {

// Reads trials to train without an agent: a JSON list of trial configurations as the database's
// trial.config holds them. Trial ids count from 0. NotFound or InvalidArgument, naming the file and
// the entry.
absl::StatusOr<std::vector<TrialTask>> ReadPackFile(const std::string& path);

// Trains `tasks`, as many neighbours at once as form one pack, and prints for each trial one line a
// snapshot,
//
//   {"trial":0,"step":0,"epoch":0.0,"accuracy":0.1,…,"guess_count":[…],…}
//
// with null for what was not measured, then one line
//
//   {"trial":0,"key":"…","diverged_at_step":null,"support":[…],"initial_rank":[…],"device":"cpu",
//    "library":"libtorch 2.15.0","pack_size":1,"train_seconds":0.4,
//    "probe_seconds":0.1}
//
// or {"trial":0,"key":"…","error":"…"}. Returns how many trials failed; an error when the trainer
// is unusable.
absl::StatusOr<int> TrainAndPrint(const std::vector<TrialTask>& tasks, PackTrainer& trainer);

}  // namespace firstguess::trainer
