#include "worker/trainer/checkpoint/checkpoint_writer.h"

namespace firstguess::trainer {

CheckpointWriter::CheckpointWriter(CheckpointFolder& folder, std::vector<Trial> trials,
                                   int64_t step)
    : folder_(folder),
      trials_(std::move(trials)),
      begun_(Now()),
      latest_(begun_),
      latest_step_(step),
      saved_(trials_.size(), false) {}

void CheckpointWriter::Save(int64_t step, const std::vector<size_t>& trials,
                            const std::function<Checkpoint(size_t)>& take) {
  const double seconds =
      absl::ToDoubleSeconds(Now() - begun_) / static_cast<double>(trials_.size());
  for (size_t i = 0; i < trials.size(); ++i) {
    const Trial& trial = trials_[trials[i]];
    Checkpoint checkpoint = take(i);
    checkpoint.step = step;
    checkpoint.draw = trial.draw;
    checkpoint.trajectory.train_seconds += seconds;
    if (folder_.Save(*trial.config, checkpoint)) saved_[trials[i]] = true;
  }
  latest_ = Now();
  latest_step_ = step;
}

}  // namespace firstguess::trainer
