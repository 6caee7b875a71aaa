#include "worker/trainer/serve.h"

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/mutex.h"
#include "common/wire/trajectory_wire.h"
#include "worker/ipc/messages.h"

namespace firstguess::trainer {
namespace {

// Packs that the agent sent and that are not trained yet, and what is to be stopped. Filled by the
// listening thread, emptied by the training thread; a third reads ahead for what waits.
// Thread-safe.
class Orders {
 public:
  struct Order {
    ipc::TrainPack pack;
    bool stopped = false;   // before it began
    bool prepared = false;  // given out by NextToPrepare
  };

  // Listens until the agent closes the socket, or the socket breaks.
  void Listen(int fd) EXCLUDES(mutex_) {
    ipc::FrameReader reader(fd);
    absl::StatusOr<ipc::ToTrainer> message = ipc::Receive<ipc::ToTrainer>(reader);
    for (; message.ok(); message = ipc::Receive<ipc::ToTrainer>(reader)) {
      if (message->has_train()) Add(std::move(*message->mutable_train()));
      if (message->has_stop()) Stop(message->stop().lease_id());
    }
    const bool clean_end = absl::IsOutOfRange(message.status());
    Close(clean_end ? absl::OkStatus() : message.status());
  }

  // The next order, which is then in progress until the next call; blocks. Nothing once closed.
  std::optional<Order> Next() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    current_.reset();
    while (waiting_.empty() && !closed_) changed_.Wait(&mutex_);
    if (closed_) return std::nullopt;
    Order order = std::move(waiting_.front());
    waiting_.pop_front();
    current_ = order.pack.lease_id();
    stop_ = false;
    changed_.NotifyAll();
    return order;
  }

  // A trial of a pack that waits while another is in training, each pack once; blocks. Nothing once
  // closed.
  std::optional<std::string> NextToPrepare() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    while (!closed_) {
      if (current_.has_value()) {
        for (Order& order : waiting_) {
          if (std::exchange(order.prepared, true) || order.pack.trials().empty()) continue;
          return order.pack.trials(0).config();
        }
      }
      changed_.Wait(&mutex_);
    }
    return std::nullopt;
  }

  bool closed() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return closed_;
  }
  // Why it is closed; ok: the agent wanted it so.
  absl::Status status() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return status_;
  }
  // True when what is in progress is to stop.
  const std::atomic<bool>& stop() const { return stop_; }

 private:
  void Add(ipc::TrainPack pack) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    waiting_.push_back({std::move(pack)});
    changed_.NotifyAll();
  }

  void Stop(int64_t lease) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (current_ == lease) stop_ = true;
    for (Order& order : waiting_) {
      if (order.pack.lease_id() == lease) order.stopped = true;
    }
  }

  void Close(absl::Status status) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    closed_ = true;
    status_ = std::move(status);
    stop_ = true;
    changed_.NotifyAll();
  }

  Mutex mutex_;
  CondVar changed_;
  std::deque<Order> waiting_ GUARDED_BY(mutex_);
  std::optional<int64_t> current_ GUARDED_BY(mutex_);  // lease in progress
  bool closed_ GUARDED_BY(mutex_) = false;
  absl::Status status_ GUARDED_BY(mutex_);
  std::atomic<bool> stop_{false};  // written under mutex_
};

// What would come out the same when it is tried again is invalid: a configuration that can't be
// done or data that are damaged. The rest, such as data that this machine lacks, may succeed
// elsewhere.
v1::FailureClass ClassOf(const absl::Status& error) {
  if (absl::IsResourceExhausted(error)) return v1::OUT_OF_MEMORY;
  if (absl::IsInvalidArgument(error) || absl::IsDataLoss(error)) return v1::INVALID;
  if (absl::IsFailedPrecondition(error)) return v1::INIT_CONDITION;
  return v1::CRASH;
}

// Sends the results of one lease. The socket's first error stays in status().
class Reporter final : public TrialSink {
 public:
  Reporter(ipc::FrameWriter& writer, int64_t lease) : writer_(writer), lease_(lease) {}

  void OnFinished(int64_t trial, Trajectory trajectory) override {
    ipc::FromTrainer message;
    message.mutable_finished()->set_lease_id(lease_);
    message.mutable_finished()->set_trial_id(trial);
    *message.mutable_finished()->mutable_trajectory() = ToProto(trajectory);
    message.mutable_finished()->set_checkpoint(trajectory.checkpoint);
    const absl::Status sent = ipc::Send(message, writer_);
    // Too long for a frame: nothing went out, and the agent must hear of the trial all the same.
    if (absl::IsInvalidArgument(sent)) {
      OnFailed(trial, sent);
    } else {
      status_.Update(sent);
    }
  }

  void OnFailed(int64_t trial, absl::Status error) override {
    ipc::FromTrainer message;
    message.mutable_failed()->set_lease_id(lease_);
    message.mutable_failed()->set_trial_id(trial);
    message.mutable_failed()->set_failure_class(ClassOf(error));
    message.mutable_failed()->set_message(std::string(error.message()));
    status_.Update(ipc::Send(message, writer_));
  }

  void SendEnded(bool stopped, std::chrono::duration<double> aside) {
    ipc::FromTrainer message;
    message.mutable_ended()->set_lease_id(lease_);
    message.mutable_ended()->set_stopped(stopped);
    message.mutable_ended()->set_aside_seconds(aside.count());
    status_.Update(ipc::Send(message, writer_));
  }

  // The trainer can't do such packs; nothing was trained.
  void SendIncapable(absl::string_view why) {
    ipc::FromTrainer message;
    message.mutable_ended()->set_lease_id(lease_);
    message.mutable_ended()->set_incapable(std::string(why));
    status_.Update(ipc::Send(message, writer_));
  }

  const absl::Status& status() const { return status_; }

 private:
  ipc::FrameWriter& writer_;
  const int64_t lease_;
  absl::Status status_;
};

// The trials whose configuration can be read; the others are reported as failed. Unimplemented, and
// nothing is reported, when the trainer can't do the pack: its shape, or none can be read, because
// it is of another version.
absl::StatusOr<std::vector<TrialTask>> ReadTrials(const ipc::TrainPack& pack,
                                                  const PackTrainer& trainer, Reporter& reporter) {
  std::vector<TrialTask> tasks;
  std::vector<std::pair<int64_t, absl::Status>> unreadable;
  for (const ipc::TrainPack::Trial& trial : pack.trials()) {
    absl::StatusOr<TrialConfig> config = TrialConfigFromJson(trial.config());
    if (config.ok()) {
      tasks.push_back({trial.trial_id(), *std::move(config)});
    } else {
      unreadable.emplace_back(trial.trial_id(), config.status());
    }
  }
  if (!tasks.empty()) {
    if (absl::Status shape = trainer.CheckShape(tasks.front().config); !shape.ok()) return shape;
  } else if (!unreadable.empty()) {
    return absl::UnimplementedError(unreadable.front().second.message());
  }
  for (const auto& [trial, error] : unreadable) reporter.OnFailed(trial, error);
  return tasks;
}

// Has the trainer read ahead until the orders end.
void PrepareOrders(Orders& orders, PackTrainer& trainer) {
  while (const std::optional<std::string> trial = orders.NextToPrepare()) {
    if (const absl::StatusOr<TrialConfig> config = TrialConfigFromJson(*trial); config.ok()) {
      trainer.Prepare(*config);
    }
  }
}

// Trains what the orders say until they end or something breaks.
absl::Status TrainOrders(Orders& orders, ipc::FrameWriter& writer, PackTrainer& trainer) {
  while (std::optional<Orders::Order> order = orders.Next()) {
    const auto begun = std::chrono::steady_clock::now();
    const auto trained_before = trainer.time_in_training();
    Reporter reporter(writer, order->pack.lease_id());
    absl::Status trained = absl::CancelledError("stopped before it began");
    if (!order->stopped) {
      const absl::StatusOr<std::vector<TrialTask>> tasks =
          ReadTrials(order->pack, trainer, reporter);
      trained = tasks.ok() ? trainer.Train(*tasks, reporter, orders.stop()) : tasks.status();
    }
    if (orders.closed()) break;
    if (absl::IsUnimplemented(trained)) {
      reporter.SendIncapable(trained.message());
      if (!reporter.status().ok()) return reporter.status();
      continue;
    }
    if (!trained.ok() && !absl::IsCancelled(trained)) return trained;
    reporter.SendEnded(
        /*stopped=*/!trained.ok(),
        std::chrono::steady_clock::now() - begun - (trainer.time_in_training() - trained_before));
    if (!reporter.status().ok()) return reporter.status();
  }
  return orders.status();
}

}  // namespace

absl::Status Serve(int fd, const DeviceInfo& device, const std::vector<std::string>& datasets,
                   PackTrainer& trainer) {
  ipc::FrameWriter writer(fd);
  ipc::FromTrainer message;
  message.mutable_ready()->set_device(device.kind);
  message.mutable_ready()->set_device_name(device.name);
  message.mutable_ready()->set_memory_bytes(device.memory_bytes);
  for (const std::string& dataset : datasets) message.mutable_ready()->add_datasets(dataset);
  if (absl::Status sent = ipc::Send(message, writer); !sent.ok()) return sent;

  Orders orders;
  std::thread listener([fd, &orders] { orders.Listen(fd); });
  std::thread reader([&] { PrepareOrders(orders, trainer); });
  absl::Status status = TrainOrders(orders, writer, trainer);
  shutdown(fd, SHUT_RD);  // ends the listener's read
  listener.join();
  reader.join();
  return status;
}

absl::Status SendCannotWork(int fd, const absl::Status& reason) {
  ipc::FrameWriter writer(fd);
  ipc::FromTrainer message;
  message.mutable_ready()->set_error(std::string(reason.message()));
  return ipc::Send(message, writer);
}

}  // namespace firstguess::trainer
