#include "coordinator/service/from_worker.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/protocol.h"

namespace firstguess {
namespace {

constexpr size_t kLongestName = 256;
constexpr size_t kLongestPath = 4096;
constexpr size_t kLongestMessage = 64 << 10;  // with a log's tail
constexpr int kMostListed = 4096;             // leases, results, data sets, labels
constexpr double kLongestSeconds = 1e12;      // of trainers' time

template <typename... Words>
absl::Status Wrong(const Words&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

absl::Status CheckId(absl::string_view field, int64_t id) {
  if (id > 0) return absl::OkStatus();
  return Wrong(field, " is ", id, ", ids begin with 1");
}

absl::Status CheckText(absl::string_view field, absl::string_view text,
                       size_t longest = kLongestName) {
  if (text.size() <= longest) return absl::OkStatus();
  return Wrong(field, " has ", text.size(), " bytes, at most ", longest, " are allowed");
}

absl::Status CheckNamed(absl::string_view field, absl::string_view text) {
  if (text.empty()) return Wrong(field, " is empty");
  return CheckText(field, text);
}

template <typename Texts>
absl::Status CheckTexts(absl::string_view field, const Texts& texts) {
  if (texts.size() > kMostListed) return Wrong(field, " has ", texts.size(), " entries");
  for (const std::string& text : texts) {
    if (absl::Status status = CheckNamed(field, text); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<HeldLease>> HeldLeases(const v1::Inventory& inventory) {
  if (inventory.leases_size() > kMostListed) {
    return Wrong("inventory.leases has ", inventory.leases_size(), " entries");
  }
  std::vector<HeldLease> leases;
  for (const v1::Inventory::Lease& lease : inventory.leases()) {
    absl::Status status = CheckId("inventory.leases.lease_id", lease.lease_id());
    if (!status.ok()) return status;
    leases.push_back({.lease_id = lease.lease_id(), .begun = lease.begun()});
  }
  return leases;
}

absl::StatusOr<std::vector<UnsentResult>> UnsentResults(const v1::Inventory& inventory) {
  if (inventory.unsent_results_size() > kMostListed) {
    return Wrong("inventory.unsent_results has ", inventory.unsent_results_size(), " entries");
  }
  std::vector<UnsentResult> results;
  for (const v1::Inventory::UnsentResult& result : inventory.unsent_results()) {
    absl::Status status = CheckId("inventory.unsent_results.lease_id", result.lease_id());
    status.Update(CheckId("inventory.unsent_results.trial_id", result.trial_id()));
    if (!status.ok()) return status;
    results.push_back({.lease_id = result.lease_id(), .trial_id = result.trial_id()});
  }
  return results;
}

absl::StatusOr<TrainerTime> FromProto(absl::string_view field, const v1::TrainerTime& time) {
  // Also refuses what is no number.
  if (!(time.seconds() >= 0 && time.busy_seconds() >= 0 && time.seconds() <= kLongestSeconds &&
        time.busy_seconds() <= kLongestSeconds)) {
    return Wrong(field, " has ", time.seconds(), " seconds, ", time.busy_seconds(),
                 " of them busy");
  }
  return TrainerTime{.seconds = time.seconds(), .busy_seconds = time.busy_seconds()};
}

absl::StatusOr<LeaseReportedEnded::Reason> FromProto(v1::LeaseEnded::Reason reason) {
  using Reason = LeaseReportedEnded::Reason;
  switch (reason) {
    case v1::LeaseEnded::FINISHED:
      return Reason::kFinished;
    case v1::LeaseEnded::RETURNED:
      return Reason::kReturned;
    case v1::LeaseEnded::DROPPED:
      return Reason::kDropped;
    case v1::LeaseEnded::CRASHED:
      return Reason::kCrashed;
    case v1::LeaseEnded::PREEMPTED:
      return Reason::kPreempted;
    case v1::LeaseEnded::INCAPABLE:
      return Reason::kIncapable;
    case v1::LeaseEnded::TIMED_OUT:
      return Reason::kTimedOut;
    case v1::LeaseEnded::OUT_OF_MEMORY:
      return Reason::kOutOfMemory;
    default:
      return Wrong("lease_ended.reason ", static_cast<int>(reason), " is none");
  }
}

}  // namespace

absl::StatusOr<WorkerConnected> ToEvent(const v1::Hello& hello) {
  absl::Status status = CheckNamed("hello.name", hello.name());
  status.Update(CheckNamed("hello.instance_id", hello.instance_id()));
  status.Update(CheckText("hello.build", hello.build()));
  status.Update(CheckText("hello.device", hello.device()));
  status.Update(CheckText("hello.device_name", hello.device_name()));
  status.Update(CheckText("hello.job", hello.job()));
  status.Update(CheckText("hello.log", hello.log(), kLongestPath));
  status.Update(CheckText("hello.cannot_work_reason", hello.cannot_work_reason(), kLongestMessage));
  status.Update(CheckTexts("hello.datasets", hello.datasets()));
  status.Update(CheckTexts("hello.labels", hello.labels()));
  if (!status.ok()) return status;
  if (hello.epoch() < 1) return Wrong("hello.epoch is ", hello.epoch(), ", epochs begin with 1");
  if (hello.memory_bytes() < 0) return Wrong("hello.memory_bytes is ", hello.memory_bytes());
  if (hello.capacity() < 1 || hello.capacity() > kMaxCapacity) {
    return Wrong("hello.capacity is ", hello.capacity(), ", not 1 to ", kMaxCapacity);
  }
  if (hello.cannot_work_reason().empty() && hello.device() != "cpu" && hello.device() != "cuda") {
    return Wrong("hello.device is \"", hello.device(), "\", not cpu or cuda");
  }
  absl::StatusOr<std::vector<HeldLease>> leases = HeldLeases(hello.inventory());
  if (!leases.ok()) return leases.status();
  absl::StatusOr<std::vector<UnsentResult>> unsent = UnsentResults(hello.inventory());
  if (!unsent.ok()) return unsent.status();
  const absl::StatusOr<TrainerTime> time = FromProto("hello.trainer_time", hello.trainer_time());
  if (!time.ok()) return time.status();
  return WorkerConnected{.worker = {.name = hello.name(),
                                    .instance_id = hello.instance_id(),
                                    .epoch = hello.epoch(),
                                    .build = hello.build(),
                                    .device = hello.device(),
                                    .device_name = hello.device_name(),
                                    .memory_bytes = hello.memory_bytes(),
                                    .datasets = {hello.datasets().begin(), hello.datasets().end()},
                                    .labels = {hello.labels().begin(), hello.labels().end()},
                                    .cannot_work_reason = hello.cannot_work_reason(),
                                    .capacity = hello.capacity(),
                                    .job = hello.job(),
                                    .log = hello.log()},
                         .leases = *std::move(leases),
                         .unsent = *std::move(unsent),
                         .trainer_time = *time};
}

absl::StatusOr<WorkerHeartbeat> ToEvent(const v1::Heartbeat& heartbeat, std::string instance_id,
                                        int64_t epoch) {
  absl::StatusOr<std::vector<HeldLease>> leases = HeldLeases(heartbeat.inventory());
  if (!leases.ok()) return leases.status();
  if (heartbeat.last_grant_number() < 0) {
    return Wrong("heartbeat.last_grant_number is ", heartbeat.last_grant_number());
  }
  const absl::StatusOr<TrainerTime> time =
      FromProto("heartbeat.trainer_time", heartbeat.trainer_time());
  if (!time.ok()) return time.status();
  return WorkerHeartbeat{.instance_id = std::move(instance_id),
                         .epoch = epoch,
                         .leases = *std::move(leases),
                         .last_grant_number = heartbeat.last_grant_number(),
                         .trainer_time = *time,
                         .leaving = heartbeat.leaving()};
}

absl::StatusOr<WorkerTrainerTime> ToEvent(const v1::TrainerTime& time, std::string instance_id,
                                          int64_t epoch) {
  const absl::StatusOr<TrainerTime> taken = FromProto("trainer_time", time);
  if (!taken.ok()) return taken.status();
  return WorkerTrainerTime{
      .instance_id = std::move(instance_id), .epoch = epoch, .trainer_time = *taken};
}

absl::StatusOr<TrialReportedFailed> ToEvent(const v1::TrialFailed& failed,
                                            std::string instance_id) {
  absl::Status status = CheckId("trial_failed.lease_id", failed.lease_id());
  status.Update(CheckId("trial_failed.trial_id", failed.trial_id()));
  status.Update(CheckText("trial_failed.message", failed.message(), kLongestMessage));
  if (!status.ok()) return status;
  const absl::StatusOr<FailureClass> failure = FromProto(failed.failure_class());
  if (!failure.ok()) return failure.status();
  return TrialReportedFailed{.instance_id = std::move(instance_id),
                             .lease_id = failed.lease_id(),
                             .trial_id = failed.trial_id(),
                             .failure = *failure,
                             .message = failed.message()};
}

absl::StatusOr<LeaseReportedEnded> ToEvent(const v1::LeaseEnded& ended, std::string instance_id) {
  absl::Status status = CheckId("lease_ended.lease_id", ended.lease_id());
  status.Update(CheckText("lease_ended.message", ended.message(), kLongestMessage));
  if (!status.ok()) return status;
  const absl::StatusOr<LeaseReportedEnded::Reason> reason = FromProto(ended.reason());
  if (!reason.ok()) return reason.status();
  return LeaseReportedEnded{.instance_id = std::move(instance_id),
                            .lease_id = ended.lease_id(),
                            .reason = *reason,
                            .message = ended.message()};
}

absl::Status CheckChunk(const v1::Result& result) {
  absl::Status status = CheckId("result.lease_id", result.lease_id());
  status.Update(CheckId("result.trial_id", result.trial_id()));
  if (!status.ok()) return status;
  const auto bytes = static_cast<int64_t>(result.trajectory().ByteSizeLong());
  if (bytes < kMaxChunkBytes) return absl::OkStatus();
  return Wrong("a chunk of a result has ", bytes, " bytes, it must stay under ", kMaxChunkBytes);
}

absl::StatusOr<FailureClass> FromProto(v1::FailureClass failure) {
  switch (failure) {
    case v1::CRASH:
      return FailureClass::kCrash;
    case v1::TIMEOUT:
      return FailureClass::kTimeout;
    case v1::OUT_OF_MEMORY:
      return FailureClass::kOutOfMemory;
    case v1::LOST:
      return FailureClass::kLost;
    case v1::PREEMPTED:
      return FailureClass::kPreempted;
    case v1::INVALID:
      return FailureClass::kInvalid;
    case v1::INIT_CONDITION:
      return FailureClass::kInitCondition;
    default:
      return Wrong("failure class ", static_cast<int>(failure), " is none");
  }
}

}  // namespace firstguess
