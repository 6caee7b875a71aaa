#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "worker/trainer/device.h"
#include "worker/trainer/trainer.h"

namespace firstguess::trainer {

// Works for the agent at the other end of the socket `fd` until it closes its end, which stops the
// training within one update (messages: worker/ipc/trainer.proto):
//
//   1. Ready, with the device and the data sets found;
//   2. for each TrainPack, in the order they came: TrialFinished or TrialFailed for each trial,
//      then PackEnded. StopPack ends the pack in progress within one update, and a waiting one when
//      its turn comes. A pack whose shape the trainer can't do, or none of whose configurations it
//      can read, is not begun: PackEnded says why.
//
// Training runs on the calling thread. Ok when the agent closed. Otherwise what broke: the socket,
// or the trainer (its device can't be trusted any more), after which the process must end.
absl::Status Serve(int fd, const DeviceInfo& device, const std::vector<std::string>& datasets,
                   PackTrainer& trainer);

// The only message of a trainer that can't work: a Ready with the reason, in words to act on.
absl::Status SendCannotWork(int fd, const absl::Status& reason);

}  // namespace firstguess::trainer
