#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/spec/trial.h"
#include "common/trajectory.h"
#include "worker/trainer/checkpoint/checkpoint_folder.h"
#include "worker/trainer/device.h"

namespace firstguess::trainer {

struct TrialTask {
  int64_t trial_id = 0;
  TrialConfig config;
};

// Receives what a pack yields, trial by trial, as trials finish, on the training thread.
class TrialSink {
 public:
  virtual ~TrialSink() = default;
  virtual void OnFinished(int64_t trial_id, Trajectory trajectory) = 0;
  // The trial could not be trained; `error` says why (ResourceExhausted: out of memory with the
  // bytes needed; InvalidArgument: a configuration that the trainer can't do; FailedPrecondition:
  // no draw of the initial weights met the trial's condition; NotFound: no data; DataLoss: damaged
  // data).
  virtual void OnFailed(int64_t trial_id, absl::Status error) = 0;
};

// Trains packs: trials of one shape (same data set, model, width, depth, activation, batch size,
// steps, optimizer, data seed, probe set and snapshot steps). How many are trained at once is the
// trainer's business; results do not depend on it.
//
// Thread-bound but for Prepare: one thread calls Train; `stop` may be set from any thread.
class PackTrainer {
 public:
  virtual ~PackTrainer() = default;

  // Trains the trials and reports each exactly once to `sink`, as it ends, unless `stop` becomes
  // true: then returns Cancelled within one update, leaving the rest unreported. Any other error
  // means that the trainer itself is unusable (a lost device).
  virtual absl::Status Train(const std::vector<TrialTask>& pack, TrialSink& sink,
                             const std::atomic<bool>& stop) = 0;

  // Reads what a pack with trials like `config` will need, as far as that can be done while another
  // is in training. From any thread; at most a hint.
  virtual void Prepare(const TrialConfig& config) = 0;

  // How long Train has been in networks so far: from their initial weights to their last snapshot.
  virtual std::chrono::duration<double> time_in_training() const = 0;

  // Ok, or why no trial of the shape of `config` (common/spec/shape.h) can be trained by this
  // trainer, wherever its data are: its model, activation or optimizer isn't known here.
  // Unimplemented.
  virtual absl::Status CheckShape(const TrialConfig& config) const = 0;

  // What results carry as `device` and `library`.
  virtual std::string device() const = 0;
  virtual std::string library() const = 0;
};

struct TrainerOptions {
  std::string device = "cpu";          // "cpu", "cuda", "cuda:N", "auto"
  bool allow_tf32 = false;             // on a GPU; results then say so
  bool graphs = false;                 // on a GPU, updates of a tile are recorded and repeated
  std::vector<std::string> data_dirs;  // searched in order, then the default places
  CheckpointOptions checkpoints = {};
};

// The LibTorch trainer on a device that OpenDevice made ready.
std::unique_ptr<PackTrainer> MakeTorchTrainer(DeviceInfo device, const TrainerOptions& options);
// And on the one that the options name. Errors as OpenDevice.
absl::StatusOr<std::unique_ptr<PackTrainer>> MakeTorchTrainer(const TrainerOptions& options);

}  // namespace firstguess::trainer
