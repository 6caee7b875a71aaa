#include "common/wire/trajectory_wire.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/wire/groups_wire.h"
#include "common/wire/scalars.h"

namespace firstguess {
namespace {

constexpr Scalar<Snapshot, v1::Snapshot> kScalars[] = {
    {&Snapshot::train_loss, &v1::Snapshot::has_train_loss, &v1::Snapshot::train_loss,
     &v1::Snapshot::set_train_loss},
    {&Snapshot::grad_norm, &v1::Snapshot::has_grad_norm, &v1::Snapshot::grad_norm,
     &v1::Snapshot::set_grad_norm},
    {&Snapshot::probe_loss, &v1::Snapshot::has_probe_loss, &v1::Snapshot::probe_loss,
     &v1::Snapshot::set_probe_loss},
    {&Snapshot::probe_cross_entropy, &v1::Snapshot::has_probe_cross_entropy,
     &v1::Snapshot::probe_cross_entropy, &v1::Snapshot::set_probe_cross_entropy},
    {&Snapshot::accuracy, &v1::Snapshot::has_accuracy, &v1::Snapshot::accuracy,
     &v1::Snapshot::set_accuracy},
    {&Snapshot::max_guess, &v1::Snapshot::has_max_guess, &v1::Snapshot::max_guess,
     &v1::Snapshot::set_max_guess},
    {&Snapshot::guess_entropy, &v1::Snapshot::has_guess_entropy, &v1::Snapshot::guess_entropy,
     &v1::Snapshot::set_guess_entropy},
    {&Snapshot::prob_entropy, &v1::Snapshot::has_prob_entropy, &v1::Snapshot::prob_entropy,
     &v1::Snapshot::set_prob_entropy},
    {&Snapshot::mean_weight, &v1::Snapshot::has_mean_weight, &v1::Snapshot::mean_weight,
     &v1::Snapshot::set_mean_weight},
    {&Snapshot::kept_fraction, &v1::Snapshot::has_kept_fraction, &v1::Snapshot::kept_fraction,
     &v1::Snapshot::set_kept_fraction},
    {&Snapshot::tied_fraction, &v1::Snapshot::has_tied_fraction, &v1::Snapshot::tied_fraction,
     &v1::Snapshot::set_tied_fraction},
};

void ToProto(const Snapshot& snapshot, v1::Snapshot& message) {
  message.set_step(snapshot.step);
  message.set_epoch(snapshot.epoch);
  ScalarsToProto(kScalars, snapshot, message);
  message.mutable_guess_count()->Add(snapshot.guess_count.begin(), snapshot.guess_count.end());
  message.mutable_correct_count()->Add(snapshot.correct_count.begin(),
                                       snapshot.correct_count.end());
  message.mutable_mean_prob()->Add(snapshot.mean_prob.begin(), snapshot.mean_prob.end());
  message.mutable_class_loss()->Add(snapshot.class_loss.begin(), snapshot.class_loss.end());
  message.mutable_drift()->Add(snapshot.drift.begin(), snapshot.drift.end());
  GroupsToProto(snapshot, message);
}

Snapshot SnapshotFromProto(const v1::Snapshot& message) {
  Snapshot snapshot;
  snapshot.step = message.step();
  snapshot.epoch = message.epoch();
  ScalarsFromProto(kScalars, message, snapshot);
  snapshot.guess_count.assign(message.guess_count().begin(), message.guess_count().end());
  snapshot.correct_count.assign(message.correct_count().begin(), message.correct_count().end());
  snapshot.mean_prob.assign(message.mean_prob().begin(), message.mean_prob().end());
  snapshot.class_loss.assign(message.class_loss().begin(), message.class_loss().end());
  snapshot.drift.assign(message.drift().begin(), message.drift().end());
  GroupsFromProto(message, snapshot);
  return snapshot;
}

// Bytes of a snapshot within a trajectory's message: its tag, its length and itself, at most.
size_t FramedBytes(const v1::Snapshot& snapshot) { return 1 + 5 + snapshot.ByteSizeLong(); }

}  // namespace

v1::Trajectory ToProto(const Trajectory& trajectory) {
  v1::Trajectory message;
  if (trajectory.diverged_at_step >= 0) message.set_diverged_at_step(trajectory.diverged_at_step);
  message.mutable_support()->Add(trajectory.support.begin(), trajectory.support.end());
  message.mutable_initial_rank()->Add(trajectory.initial_rank.begin(),
                                      trajectory.initial_rank.end());
  for (const Snapshot& snapshot : trajectory.snapshots) {
    ToProto(snapshot, *message.add_snapshots());
  }
  message.set_device(trajectory.device);
  message.set_library(trajectory.library);
  message.set_pack_size(trajectory.pack_size);
  message.set_train_seconds(trajectory.train_seconds);
  message.set_init_try(trajectory.init_try);
  return message;
}

absl::StatusOr<Trajectory> FromProto(const v1::Trajectory& message) {
  TrajectoryAssembler assembler;
  if (absl::Status status = assembler.Add(message); !status.ok()) return status;
  return assembler.Finish();
}

std::vector<v1::Trajectory> SplitTrajectory(v1::Trajectory trajectory, size_t max_bytes) {
  google::protobuf::RepeatedPtrField<v1::Snapshot> snapshots;
  trajectory.mutable_snapshots()->Swap(&snapshots);
  std::vector<v1::Trajectory> chunks(1);
  size_t bytes = 0;  // of the last chunk
  for (v1::Snapshot& snapshot : snapshots) {
    const size_t more = FramedBytes(snapshot);
    if (bytes > 0 && bytes + more > max_bytes) {
      chunks.emplace_back();
      bytes = 0;
    }
    bytes += more;
    *chunks.back().add_snapshots() = std::move(snapshot);
  }
  if (bytes > 0 && bytes + trajectory.ByteSizeLong() > max_bytes) chunks.emplace_back();
  chunks.back().MergeFrom(trajectory);
  return chunks;
}

absl::Status TrajectoryAssembler::Add(const v1::Trajectory& chunk) {
  for (const v1::Snapshot& snapshot : chunk.snapshots()) {
    if (absl::Status status = AddSnapshot(snapshot); !status.ok()) return status;
  }
  if (chunk.has_diverged_at_step()) {
    if (chunk.diverged_at_step() < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("diverged_at_step ", chunk.diverged_at_step(), " is negative"));
    }
    trajectory_.diverged_at_step = chunk.diverged_at_step();
  }
  if (chunk.support_size() > 0) {
    absl::Status status = CheckLength("support", chunk.support_size());
    if (!status.ok()) return status;
    trajectory_.support.assign(chunk.support().begin(), chunk.support().end());
  }
  if (chunk.initial_rank_size() > 0) {
    absl::Status status = CheckLength("initial_rank", chunk.initial_rank_size());
    if (!status.ok()) return status;
    trajectory_.initial_rank.assign(chunk.initial_rank().begin(), chunk.initial_rank().end());
  }
  trajectory_.device = chunk.device();
  trajectory_.library = chunk.library();
  trajectory_.pack_size = chunk.pack_size();
  trajectory_.train_seconds = chunk.train_seconds();
  trajectory_.init_try = chunk.init_try();
  return absl::OkStatus();
}

absl::Status TrajectoryAssembler::AddSnapshot(const v1::Snapshot& message) {
  const std::pair<const char*, int> lengths[] = {{"guess_count", message.guess_count_size()},
                                                 {"correct_count", message.correct_count_size()},
                                                 {"mean_prob", message.mean_prob_size()},
                                                 {"class_loss", message.class_loss_size()},
                                                 {"drift", message.drift_size()}};
  for (const auto& [name, length] : lengths) {
    if (absl::Status status = CheckLength(name, length); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("snapshot at step ", message.step(), ": ", status.message()));
    }
  }
  if (absl::Status status = CheckGroups(message); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("snapshot at step ", message.step(), ": ", status.message()));
  }
  Snapshot snapshot = SnapshotFromProto(message);
  // It may have taken far less on the wire.
  bytes_ += sizeof(Snapshot) + VectorBytes(snapshot);
  if (bytes_ > kMaxBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a trajectory of more than ", kMaxBytes, " bytes"));
  }
  trajectory_.snapshots.push_back(std::move(snapshot));
  return absl::OkStatus();
}

absl::Status TrajectoryAssembler::CheckLength(const char* vector, size_t length) {
  if (length == 0) return absl::InvalidArgumentError(absl::StrCat(vector, " has no classes"));
  if (classes_ == 0) classes_ = length;
  if (length == classes_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(vector, " has ", length, " classes where others have ", classes_));
}

Trajectory TrajectoryAssembler::Finish() {
  classes_ = 0;
  bytes_ = 0;
  return std::exchange(trajectory_, Trajectory());
}

}  // namespace firstguess
