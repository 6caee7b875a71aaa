#include "coordinator/service/from_worker.h"

#include <cmath>
#include <functional>
#include <string>

#include "common/rpc/protocol.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

v1::Hello ValidHello() {
  v1::Hello hello;
  hello.set_protocol_version(kProtocolVersion);
  hello.set_name("node3");
  hello.set_instance_id("instance");
  hello.set_epoch(2);
  hello.set_device("cpu");
  hello.set_capacity(2);
  hello.set_job("41_3");
  hello.set_log("/logs/firstguess-44.log");
  hello.add_datasets("fashion-mnist");
  v1::Inventory::Lease* const lease = hello.mutable_inventory()->add_leases();
  lease->set_lease_id(41);
  lease->set_begun(true);
  v1::Inventory::UnsentResult* const result = hello.mutable_inventory()->add_unsent_results();
  result->set_lease_id(41);
  result->set_trial_id(5);
  return hello;
}

TEST(FromWorker, AHelloIsTakenWhole) {
  const absl::StatusOr<WorkerConnected> event = ToEvent(ValidHello());
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->worker.name, "node3");
  EXPECT_EQ(event->worker.epoch, 2);
  EXPECT_EQ(event->worker.job, "41_3");
  EXPECT_EQ(event->worker.log, "/logs/firstguess-44.log");
  ASSERT_EQ(event->leases.size(), 1u);
  EXPECT_EQ(event->leases[0].lease_id, 41);
  EXPECT_TRUE(event->leases[0].begun);
  ASSERT_EQ(event->unsent.size(), 1u);
  EXPECT_EQ(event->unsent[0].trial_id, 5);
}

TEST(FromWorker, ATrainersTimeIsANumberOfSeconds) {
  v1::Heartbeat heartbeat;
  heartbeat.mutable_trainer_time()->set_seconds(3);
  heartbeat.mutable_trainer_time()->set_busy_seconds(2);
  const absl::StatusOr<WorkerHeartbeat> event = ToEvent(heartbeat, "i", 1);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->trainer_time.seconds, 3);
  EXPECT_EQ(event->trainer_time.busy_seconds, 2);
  for (const double wrong : {-1.0, 1e300, std::nan("")}) {
    v1::TrainerTime time;
    time.set_busy_seconds(wrong);
    EXPECT_THAT(std::string(ToEvent(time, "i", 1).status().message()),
                HasSubstr("trainer_time has 0 seconds"));
    *heartbeat.mutable_trainer_time() = time;
    EXPECT_FALSE(ToEvent(heartbeat, "i", 1).ok());
  }
}

TEST(FromWorker, AWorkerThatCannotWorkNeedsNoDevice) {
  v1::Hello hello = ValidHello();
  hello.clear_device();
  EXPECT_FALSE(ToEvent(hello).ok());
  hello.set_cannot_work_reason("no driver was found");
  EXPECT_TRUE(ToEvent(hello).ok());
}

TEST(FromWorker, EveryMistakeInAHelloIsNamed) {
  struct Mistake {
    std::string words;
    std::function<void(v1::Hello&)> make;
  };
  const Mistake mistakes[] = {
      {"hello.name is empty", [](v1::Hello& h) { h.clear_name(); }},
      {"hello.name has 300 bytes", [](v1::Hello& h) { h.set_name(std::string(300, 'n')); }},
      {"hello.instance_id is empty", [](v1::Hello& h) { h.clear_instance_id(); }},
      {"hello.epoch is 0", [](v1::Hello& h) { h.set_epoch(0); }},
      {"hello.capacity is 0", [](v1::Hello& h) { h.set_capacity(0); }},
      {"hello.capacity is 65", [](v1::Hello& h) { h.set_capacity(65); }},
      {"hello.memory_bytes is -1", [](v1::Hello& h) { h.set_memory_bytes(-1); }},
      {"hello.device is \"tpu\"", [](v1::Hello& h) { h.set_device("tpu"); }},
      {"hello.job has 300 bytes", [](v1::Hello& h) { h.set_job(std::string(300, 'j')); }},
      {"hello.log has 5000 bytes", [](v1::Hello& h) { h.set_log(std::string(5000, 'l')); }},
      {"hello.datasets is empty", [](v1::Hello& h) { h.add_datasets(""); }},
      {"leases.lease_id is 0", [](v1::Hello& h) { h.mutable_inventory()->add_leases(); }},
      {"unsent_results.lease_id is 0",
       [](v1::Hello& h) { h.mutable_inventory()->add_unsent_results(); }},
      {"inventory.leases has 5001 entries",
       [](v1::Hello& h) {
         for (int i = 0; i < 5000; ++i) h.mutable_inventory()->add_leases()->set_lease_id(i + 1);
       }},
  };
  for (const Mistake& mistake : mistakes) {
    v1::Hello hello = ValidHello();
    mistake.make(hello);
    const absl::Status status = ToEvent(hello).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << mistake.words;
    EXPECT_THAT(std::string(status.message()), HasSubstr(mistake.words));
  }
}

TEST(FromWorker, EveryFailureClassOfTheWireIsKnownAndNoOther) {
  for (int number = -1; number < 10; ++number) {
    const auto failure = static_cast<v1::FailureClass>(number);
    const bool named = v1::FailureClass_IsValid(number) && failure != v1::FAILURE_CLASS_UNSPECIFIED;
    EXPECT_EQ(FromProto(failure).ok(), named) << number;
  }
}

TEST(FromWorker, EveryReasonOfTheWireIsKnownAndNoOther) {
  for (int number = -1; number < 12; ++number) {
    v1::LeaseEnded ended;
    ended.set_lease_id(41);
    ended.set_reason(static_cast<v1::LeaseEnded::Reason>(number));
    const bool named =
        v1::LeaseEnded::Reason_IsValid(number) && number != v1::LeaseEnded::REASON_UNSPECIFIED;
    EXPECT_EQ(ToEvent(ended, "instance").ok(), named) << number;
  }
}

TEST(FromWorker, IdsThatNeverWereAreRefused) {
  v1::TrialFailed failed;
  failed.set_lease_id(41);
  failed.set_failure_class(v1::CRASH);
  EXPECT_THAT(std::string(ToEvent(failed, "instance").status().message()),
              HasSubstr("trial_failed.trial_id is 0"));
  failed.set_trial_id(5);
  EXPECT_TRUE(ToEvent(failed, "instance").ok());

  v1::Result result;
  result.set_lease_id(-1);
  EXPECT_THAT(std::string(CheckChunk(result).message()), HasSubstr("result.lease_id is -1"));
}

TEST(FromWorker, AChunkOfAMebibyteIsTooLarge) {
  v1::Result result;
  result.set_lease_id(41);
  result.set_trial_id(5);
  v1::Snapshot* const snapshot = result.mutable_trajectory()->add_snapshots();
  snapshot->mutable_drift()->Resize(100'000, 1.5);
  EXPECT_TRUE(CheckChunk(result).ok());
  snapshot->mutable_drift()->Resize(140'000, 1.5);
  EXPECT_THAT(std::string(CheckChunk(result).message()), HasSubstr("must stay under"));
}

}  // namespace
}  // namespace firstguess
