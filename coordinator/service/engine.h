#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "coordinator/service/outlets.h"
#include "coordinator/service/rates.h"
#include "coordinator/service/result_budget.h"
#include "coordinator/service/view.h"
#include "coordinator/state/state.h"
#include "coordinator/store/store.h"

namespace firstguess {

// Runs the state machine: one thread that takes what happens from a queue, applies it, hands the
// writes to the store and the messages to the workers' streams. An event's way:
//
//  1. Anyone posts it. It waits its turn behind what was posted before.
//  2. The state machine applies it. Its writes go to the store in order; its messages leave.
//  3. When a write is committed, the store's thread posts WriteCommitted, which takes the same way:
//     so a grant or an acknowledgement, which follows from it, can't leave before the COMMIT.
//  4. A reply leaves when every write of the same event is committed.
//
// Twice a second of the clock a Tick is applied, after everything that was posted before it was due
// (so a heartbeat that waits in the queue counts before a lease expires). While streams are held
// back for want of room, there are no ticks: heartbeats that we don't read must not be missed.
//
// Thread-safe, but for what says otherwise.
class Engine {
 public:
  struct Options {
    Clock* clock = nullptr;  // outlives the engine
    Store* store = nullptr;  // outlives the engine's thread (Stop), not the engine
    State::Options state;
    ResultBudget::Limits limits;  // what may be between streams and disk
    // The state machine contradicts itself; called once, on the engine's thread.
    std::function<void(absl::Status)> on_fatal = [](absl::Status) {};
  };

  // Called on the engine's thread; must not block.
  using ReplyCallback = absl::AnyInvocable<void(const Reply&, const View&)>;
  using ViewCallback = absl::AnyInvocable<void(std::shared_ptr<const View>)>;
  using Question = std::variant<SubmitSweep, ChangeSweep, DrainWorker>;

  // Wants to see what changes. Methods are called on the engine's thread and must not block.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    // False: no more.
    virtual bool OnView(const View& view) = 0;
    // The coordinator stops.
    virtual void OnStop(absl::Status status) = 0;
  };

  // Restores what was open in the store and starts the thread.
  static absl::StatusOr<std::unique_ptr<Engine>> Start(Options options);
  ~Engine();

  // For events that nobody waits for an answer to.
  void Post(Event event);

  // A worker said hello on this stream. If this very connection exists already, the new stream is
  // closed with ALREADY_EXISTS.
  void Connect(WorkerConnected event, std::shared_ptr<Outlet> outlet);
  // The stream is gone.
  void Disconnect(const std::string& instance_id, int64_t epoch, std::shared_ptr<Outlet> outlet);

  // A whole result. It is checked against its trial; a malformed one is answered INVALID.
  void PostResult(int64_t epoch, ResultArrived result);

  // Calls `resume` once results may be taken in: now, or later on the engine's thread.
  void WhenRoom(absl::AnyInvocable<void()> resume) EXCLUDES(mutex_);

  // Tokens are the engine's business. Unavailable once it stops.
  void Ask(Question question, ReplyCallback callback);

  void Read(ViewCallback callback);

  // Shown the state now, then after changes, at most five times a second, and at once when a
  // sweep's state changes.
  void Watch(std::shared_ptr<Watcher> watcher);

  // What waits here, and how results were answered since the start, by ResultAckMessage::Outcome.
  struct Numbers {
    int64_t queued_events = 0;
    int64_t unacknowledged_results = 0;  // taken in, not committed or refused yet
    std::array<int64_t, 6> answered_results = {};
  };
  Numbers GetNumbers() EXCLUDES(mutex_);
  // A result was answered by its stream itself.
  void CountAnswer(ResultAckMessage::Outcome outcome);

  // Called after each tick with the monotonic time. Before the first stream only.
  void OnTick(std::function<void(absl::Duration)> callback);

  // Applies all that was posted, and the tick if one is due, before it returns. For clocks that are
  // moved by hand; not on the engine's thread.
  void RunDue() EXCLUDES(mutex_);

  // No more grants: tells every worker to come back after `retry_after`. Results are still taken.
  void BeginClosing(absl::Duration retry_after);
  // Calls `callback` on the engine's thread once no worker's stream is open.
  void WhenNoStreams(absl::AnyInvocable<void()> callback);
  // Answers everyone who waits with `status`. For when the store has failed, or before Stop.
  void Fail(absl::Status status);
  // Ends the thread once all that was posted is applied. Called once.
  void Stop() EXCLUDES(mutex_);

 private:
  using Task = absl::AnyInvocable<void()>;
  struct WaitingReply {
    int64_t write_number = 0;
    Reply reply;
  };
  struct ResultUnderWay {
    int64_t write_number = 0;
    int64_t bytes = 0;
  };

  Engine(Options options, State state);

  void Enqueue(Task task) EXCLUDES(mutex_);
  void Run() EXCLUDES(mutex_);
  bool TakeTasks(std::vector<Task>* tasks, bool* tick_due) EXCLUDES(mutex_);
  void ResumeParked() EXCLUDES(mutex_);
  absl::Duration UntilDue(bool parked);

  // From here on everything is the engine thread's.
  void Apply(const Event& event);
  void Carry(Effects effects);
  void Commit(int64_t write_number, WriteResult result);
  void TakeResult(int64_t epoch, const ResultArrived& result, int64_t bytes);
  void Answer(const Reply& reply);
  void RecordProgress(const WriteResult& result);
  void LogState(const ChangedSweep& sweep);
  void Tick();
  void ShowWatchers();
  void TellIfNoStreams();
  std::shared_ptr<const View> CurrentView();

  const Options options_;
  ResultBudget budget_;
  std::array<std::atomic<int64_t>, 6> answered_results_ = {};

  Mutex mutex_;
  CondVar changed_;
  std::vector<Task> queue_ GUARDED_BY(mutex_);
  std::vector<Task> parked_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  int64_t runs_wanted_ GUARDED_BY(mutex_) = 0;  // by RunDue
  int64_t runs_done_ GUARDED_BY(mutex_) = 0;

  State state_;
  Outlets outlets_;
  SweepRates rates_;
  TrainingRate training_rate_;
  std::shared_ptr<const View> view_;  // null: out of date
  std::vector<std::shared_ptr<Watcher>> watchers_;
  std::vector<std::function<void(absl::Duration)>> on_tick_;
  std::map<SweepId, SweepState> seen_states_;
  bool watchers_behind_ = false;
  bool show_at_once_ = false;
  absl::Duration next_tick_;
  absl::Duration next_show_;
  int64_t last_token_ = 0;
  std::map<int64_t, ReplyCallback> asked_;  // by token
  std::deque<WaitingReply> waiting_replies_;
  std::deque<ResultUnderWay> results_under_way_;
  bool closing_ = false;
  absl::Duration retry_after_;  // of workers, when closing
  std::vector<Task> when_no_streams_;
  absl::Status failed_;

  std::thread thread_;
};

}  // namespace firstguess
