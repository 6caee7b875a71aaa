#include "coordinator/service/engine.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "coordinator/grid/cost.h"
#include "coordinator/service/result_check.h"

namespace firstguess {
namespace {

constexpr absl::Duration kTickInterval = absl::Milliseconds(500);

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Start(Options options) {
  const absl::StatusOr<OpenWork> work = options.store->LoadOpenWork();
  if (!work.ok()) return work.status();
  absl::StatusOr<State> state = State::Restore(*work, options.state, options.clock->MonotonicNow());
  if (!state.ok()) return state.status();
  std::unique_ptr<Engine> engine(new Engine(std::move(options), *std::move(state)));
  for (const StoredSweep& sweep : work->sweeps) engine->seen_states_[sweep.sweep_id] = sweep.state;
  engine->thread_ = std::thread([raw = engine.get()] { raw->Run(); });
  return engine;
}

Engine::Engine(Options options, State state)
    : options_(std::move(options)),
      budget_(options_.limits),
      state_(std::move(state)),
      next_tick_(options_.clock->MonotonicNow()),
      next_show_(next_tick_) {}

Engine::~Engine() {
  if (thread_.joinable()) Stop();
}

// ---- From any thread ----------------------------------------------------------------------------

void Engine::Enqueue(Task task) {
  MutexLock lock(&mutex_);
  queue_.push_back(std::move(task));
  changed_.NotifyAll();
}

void Engine::Post(Event event) {
  Enqueue([this, event = std::move(event)] {
    // A worker that was told goodbye is gone for the state machine.
    if (closing_ && std::holds_alternative<WorkerHeartbeat>(event)) return;
    Apply(event);
  });
}

void Engine::Connect(WorkerConnected event, std::shared_ptr<Outlet> outlet) {
  Enqueue([this, event = std::move(event), outlet = std::move(outlet)] {
    const WorkerDescription& worker = event.worker;
    if (!outlets_.Add(worker.instance_id, worker.epoch, outlet)) {
      outlet->Close(absl::AlreadyExistsError("this connection of this worker is open already"));
      return;
    }
    if (closing_) {
      outlets_.Deliver({worker.instance_id, worker.epoch,
                        GoodbyeMessage{"the coordinator is stopping", retry_after_}});
      return;
    }
    Apply(event);
  });
}

void Engine::Disconnect(const std::string& instance_id, int64_t epoch,
                        std::shared_ptr<Outlet> outlet) {
  Enqueue([this, instance_id, epoch, outlet = std::move(outlet)] {
    if (!outlets_.Remove(instance_id, epoch, outlet.get())) return;
    Apply(WorkerDisconnected{.instance_id = instance_id, .epoch = epoch});
    TellIfNoStreams();
  });
}

void Engine::PostResult(int64_t epoch, ResultArrived result) {
  const int64_t bytes = BytesOf(*result.trajectory);
  budget_.Take(bytes);
  Enqueue([this, epoch, bytes, result = std::move(result)] { TakeResult(epoch, result, bytes); });
}

void Engine::WhenRoom(absl::AnyInvocable<void()> resume) {
  if (budget_.has_room()) {
    resume();
    return;
  }
  MutexLock lock(&mutex_);
  parked_.push_back(std::move(resume));
  changed_.NotifyAll();
}

void Engine::Ask(Question question, ReplyCallback callback) {
  Enqueue([this, question = std::move(question), callback = std::move(callback)]() mutable {
    if (!failed_.ok()) {
      callback({.status = failed_}, View());
      return;
    }
    const int64_t token = ++last_token_;
    asked_[token] = std::move(callback);
    std::visit(
        [&](auto& event) {
          event.token = token;
          Apply(event);
        },
        question);
  });
}

void Engine::Read(ViewCallback callback) {
  Enqueue([this, callback = std::move(callback)]() mutable { callback(CurrentView()); });
}

void Engine::Watch(std::shared_ptr<Watcher> watcher) {
  Enqueue([this, watcher = std::move(watcher)] {
    if (!failed_.ok()) {
      watcher->OnStop(failed_);
    } else if (watcher->OnView(*CurrentView())) {
      watchers_.push_back(watcher);
    }
  });
}

void Engine::OnTick(std::function<void(absl::Duration)> callback) {
  Enqueue([this, callback = std::move(callback)] { on_tick_.push_back(callback); });
}

void Engine::RunDue() {
  MutexLock lock(&mutex_);
  const int64_t wanted = ++runs_wanted_;
  changed_.NotifyAll();
  while (runs_done_ < wanted && !stopping_) changed_.Wait(&mutex_);
}

void Engine::BeginClosing(absl::Duration retry_after) {
  Enqueue([this, retry_after] {
    closing_ = true;
    retry_after_ = retry_after;
    for (const Outlets::Connection& worker : outlets_.All()) {
      outlets_.Deliver({worker.instance_id, worker.epoch,
                        GoodbyeMessage{"the coordinator is stopping", retry_after}});
      Apply(WorkerDisconnected{.instance_id = worker.instance_id, .epoch = worker.epoch});
    }
  });
}

void Engine::WhenNoStreams(absl::AnyInvocable<void()> callback) {
  Enqueue([this, callback = std::move(callback)]() mutable {
    when_no_streams_.push_back(std::move(callback));
    TellIfNoStreams();
  });
}

void Engine::Fail(absl::Status status) {
  Enqueue([this, status = std::move(status)] {
    failed_ = status;
    waiting_replies_.clear();
    for (auto& [token, callback] : std::exchange(asked_, {})) {
      callback({.token = token, .status = status}, View());
    }
    for (const std::shared_ptr<Watcher>& watcher : std::exchange(watchers_, {})) {
      watcher->OnStop(status);
    }
  });
}

void Engine::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

// ---- The engine's thread ------------------------------------------------------------------------

void Engine::Run() {
  std::vector<Task> tasks;
  bool tick_due = false;
  while (TakeTasks(&tasks, &tick_due)) {
    for (Task& task : tasks) task();
    tasks.clear();
    if (tick_due) Tick();
    ShowWatchers();
    ResumeParked();
  }
}

// Waits for something to do. False when the engine is to stop and nothing is left.
bool Engine::TakeTasks(std::vector<Task>* tasks, bool* tick_due) {
  MutexLock lock(&mutex_);
  // What the last round was asked for is done now.
  if (runs_wanted_ > runs_done_ && queue_.empty() &&
      UntilDue(!parked_.empty()) > absl::ZeroDuration()) {
    runs_done_ = runs_wanted_;
    changed_.NotifyAll();
  }
  for (;;) {
    const bool parked = !parked_.empty();
    const absl::Duration wait = UntilDue(parked);
    // Decided before the queue is taken, so that what was posted before the tick comes first.
    *tick_due = !parked && !closing_ && options_.clock->MonotonicNow() >= next_tick_;
    const bool room = parked && budget_.has_room();
    if (!queue_.empty() || wait <= absl::ZeroDuration() || room || runs_wanted_ > runs_done_) break;
    if (stopping_) return false;
    if (wait == absl::InfiniteDuration()) {
      changed_.Wait(&mutex_);
    } else {
      changed_.WaitFor(&mutex_, wait);
    }
  }
  tasks->swap(queue_);
  return true;
}

// Until the next tick, or the next time that watchers may be shown what changed.
absl::Duration Engine::UntilDue(bool parked) {
  absl::Duration due = parked || closing_ ? absl::InfiniteDuration() : next_tick_;
  if (watchers_behind_) due = std::min(due, next_show_);
  return due - options_.clock->MonotonicNow();
}

void Engine::ResumeParked() {
  std::vector<Task> resumed;
  {
    MutexLock lock(&mutex_);
    if (parked_.empty() || !budget_.has_room()) return;
    resumed.swap(parked_);
  }
  for (Task& resume : resumed) resume();
}

void Engine::Tick() {
  const absl::Duration now = options_.clock->MonotonicNow();
  Apply(firstguess::Tick());
  for (const auto& callback : on_tick_) callback(now);
  next_tick_ = now + kTickInterval;
}

void Engine::Apply(const Event& event) {
  if (!failed_.ok()) return;
  absl::StatusOr<Effects> effects =
      state_.Apply(event, options_.clock->MonotonicNow(), options_.clock->WallNow());
  if (effects.ok()) {
    Carry(*std::move(effects));
    return;
  }
  Log(LogLevel::kError, "event not applied", {{"why", effects.status().message()}});
  if (effects.status().code() == absl::StatusCode::kInternal) {
    const absl::Status status = effects.status();
    failed_ = status;
    options_.on_fatal(status);
  }
}

void Engine::Carry(Effects effects) {
  view_ = nullptr;
  watchers_behind_ = !watchers_.empty();
  const int64_t last_write = effects.writes.empty() ? 0 : effects.writes.back().number;
  for (NumberedWrite& numbered : effects.writes) {
    if (const auto* result = std::get_if<StoreResult>(&numbered.write)) {
      const int64_t bytes = BytesOf(*result->trajectory);
      budget_.Take(bytes);
      results_under_way_.push_back({numbered.number, bytes});
    }
    options_.store->Submit(std::move(numbered.write),
                           [this, number = numbered.number](WriteResult result) {
                             Enqueue([this, number, result = std::move(result)]() mutable {
                               Commit(number, std::move(result));
                             });
                           });
  }
  for (const SilentWorker& worker : effects.silent) {
    Log(LogLevel::kWarning, "worker lost: nothing was heard of it",
        {{"worker", worker.name}, {"instance", worker.instance_id}, {"leases", worker.leases}});
  }
  for (const ToWorker& message : effects.messages) {
    if (const auto* answer = std::get_if<ResultAckMessage>(&message.message)) {
      CountAnswer(answer->outcome);
    }
    outlets_.Deliver(message);
  }
  for (Reply& reply : effects.replies) {
    if (effects.writes.empty()) {
      Answer(reply);
    } else {
      waiting_replies_.push_back({last_write, std::move(reply)});
    }
  }
}

void Engine::Commit(int64_t write_number, WriteResult result) {
  if (!results_under_way_.empty() && results_under_way_.front().write_number == write_number) {
    budget_.Release(results_under_way_.front().bytes);
    results_under_way_.pop_front();
  }
  RecordProgress(result);
  Apply(WriteCommitted{.write_number = write_number, .result = std::move(result)});
  while (!waiting_replies_.empty() && waiting_replies_.front().write_number <= write_number) {
    const Reply reply = std::move(waiting_replies_.front().reply);
    waiting_replies_.pop_front();
    Answer(reply);
  }
}

void Engine::TakeResult(int64_t epoch, const ResultArrived& result, int64_t bytes) {
  const TrialConfig* const config = state_.ConfigOf(result.lease_id, result.trial_id);
  absl::Status fits;
  if (config != nullptr) {
    fits = CheckResult(*config, *result.trajectory);
    if (fits.ok() && result.trajectory->diverged_at_step < 0) {
      training_rate_.Record(TrialFlops(*config), result.trajectory->train_seconds);
    }
  }
  if (fits.ok()) {
    Apply(result);
  } else {
    Log(LogLevel::kWarning, "malformed result",
        {{"instance", result.instance_id},
         {"lease", result.lease_id},
         {"trial", result.trial_id},
         {"why", fits.message()}});
    CountAnswer(ResultAckMessage::Outcome::kInvalid);
    if (Outlet* const outlet = outlets_.Find(result.instance_id, epoch)) {
      outlet->RejectResult(result.lease_id, result.trial_id, fits.message());
    }
  }
  budget_.Release(bytes);
}

void Engine::Answer(const Reply& reply) {
  const auto found = asked_.find(reply.token);
  if (found == asked_.end()) return;
  ReplyCallback callback = std::move(found->second);
  asked_.erase(found);
  callback(reply, *CurrentView());
}

void Engine::TellIfNoStreams() {
  if (!outlets_.empty()) return;
  for (Task& task : std::exchange(when_no_streams_, {})) task();
}

}  // namespace firstguess
