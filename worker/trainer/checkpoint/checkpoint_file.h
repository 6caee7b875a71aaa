#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/trainer/checkpoint/checkpoint.h"

namespace firstguess::trainer {

// Whose a checkpoint is. Another one's is of no use.
struct CheckpointOwner {
  std::string config;     // canonical JSON of the trial
  std::string made_with;  // program, library and device: with others the bits would differ
};

// A checkpoint in one file:
//
//   "FGCKPT01"   8 bytes: what it is, and its version
//   length       8 bytes, little-endian: of the header
//   header       CheckpointHeader (checkpoint.proto)
//   tensors      parameters, moments, and each of the optimizer's
//   checksum     64 characters: SHA-256 of everything before it, in hexadecimal
//
// Written beside `path`, synced, and renamed to it: whoever reads finds the old one or the new one,
// whole. Unavailable with the system's words; then nothing is left behind.
absl::Status WriteCheckpoint(const std::string& path, const CheckpointOwner& owner,
                             const Checkpoint& checkpoint);

// NotFound when there is no file; DataLoss when it is torn or damaged; FailedPrecondition when it
// is another owner's or of another version; Unavailable when it can't be read.
absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path, const CheckpointOwner& owner);

}  // namespace firstguess::trainer
