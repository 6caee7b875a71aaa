#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "common/spec/trial.h"
#include "common/trajectory.h"
#include "firstguess/v1/work_service.pb.h"
#include "tests/cluster/raw_session.h"

namespace firstguess {

// A worker without a trainer: speaks WorkService as a real one does and makes up trajectories that
// follow from the configuration alone. Its time is the test's: it sends heartbeats when told. It
// answers a grant at once, unless it holds back; then leases pile up until Release.
//
// Thread-safe.
class FakeWorker {
 public:
  struct Options {
    std::string name = "worker";
    std::string instance_id = "";  // empty: the name
    int64_t capacity = 2;
    bool hold = false;
    bool twice = false;        // sends everything but its hello twice
    std::string address = "";  // empty: where the cluster's coordinator listens
    // Why a trial fails; UNSPECIFIED for one that finishes. Null: all finish.
    std::function<v1::FailureClass(const TrialConfig&)> fails = nullptr;
  };

  FakeWorker(std::string address, Options options);
  // As a process that dies.
  ~FakeWorker();

  // Opens the stream and says hello, with all it holds, under the next epoch; waits for the
  // welcome. False if none came.
  [[nodiscard]] bool Connect();
  // The connection breaks; leases and results stay.
  void Disconnect();
  // Sends what it holds, and waits for the answer.
  [[nodiscard]] bool Heartbeat();
  // Sends what it holds into a network that may not pass it on.
  void HeartbeatUnheard();
  // Whether the network passes on what it says, and the answers: if not, no heartbeat of it waits
  // for one.
  void set_reachable(bool reachable);
  bool reachable();
  // As a process that is stopped, and goes on later: what comes meanwhile waits, and it says
  // nothing.
  void Pause();
  void GoOn();
  bool paused();
  // Trains what it holds and, from now on, what it is granted.
  void Release();
  // Trains what it holds, and no more.
  void TrainHeld();
  // Trains what it holds while its results can't leave.
  void TrainUnconnected();
  // Sends a result, whether or not it holds the lease or has sent it before.
  void SendResultOf(int64_t lease_id, const std::pair<const int64_t, TrialConfig>& trial);
  // Hands back what it holds, and leaves.
  void Leave();

  // What it has seen and holds.
  struct Lease {
    int64_t lease_id = 0;
    std::map<int64_t, TrialConfig> trials;  // not trained yet
    double timeout_seconds_per_trial = 0;
  };
  struct Seen {
    std::vector<Lease> held;
    std::vector<v1::ResultAck> acknowledgements;
    std::set<std::pair<int64_t, int64_t>> unsent;  // lease and trial, not acknowledged
    std::vector<v1::Goodbye> goodbyes;
    std::vector<v1::Drop> drops;
    std::vector<v1::Welcome> welcomes;
    int64_t grants = 0;
    bool draining = false;
    bool connected = false;

    int64_t Acknowledged(v1::ResultAck::Outcome outcome) const;
    int64_t TrialsHeld() const;
  };
  Seen seen();
  // False if the condition did not come true within a minute.
  [[nodiscard]] bool Await(const std::function<bool(const Seen&)>& condition);

  // Until every result that it sent is acknowledged.
  [[nodiscard]] bool AwaitAcknowledged();

  const std::string& name() const { return options_.name; }

 private:
  void OnMessage(const v1::CoordinatorMessage& message);
  void Take(const v1::CoordinatorMessage& message) REQUIRES(mutex_);
  void OnStreamEnded(int64_t epoch);
  void TakeWelcome(const v1::Welcome& welcome) REQUIRES(mutex_);
  void TakeGrant(const v1::Grant& grant) REQUIRES(mutex_);
  void TakeAck(const v1::ResultAck& ack) REQUIRES(mutex_);
  void DropLease(int64_t lease_id) REQUIRES(mutex_);
  void Train(Lease& lease) REQUIRES(mutex_);
  void TrainAll() REQUIRES(mutex_);
  void SendResult(int64_t lease_id, int64_t trial_id, const TrialConfig& config) REQUIRES(mutex_);
  void SendEnded(int64_t lease_id, v1::LeaseEnded::Reason reason) REQUIRES(mutex_);
  void Send(v1::WorkerMessage message) REQUIRES(mutex_);
  void FillInventory(v1::Inventory* inventory) const REQUIRES(mutex_);

  const std::string address_;
  const Options options_;

  Mutex mutex_;
  CondVar changed_;
  bool hold_ GUARDED_BY(mutex_);
  bool reachable_ GUARDED_BY(mutex_) = true;
  bool paused_ GUARDED_BY(mutex_) = false;
  std::vector<v1::CoordinatorMessage> waiting_ GUARDED_BY(mutex_);  // while it is paused
  int64_t epoch_ GUARDED_BY(mutex_) = 0;
  int64_t last_grant_ GUARDED_BY(mutex_) = 0;
  int64_t replies_ GUARDED_BY(mutex_) = 0;  // to heartbeats
  std::map<int64_t, Lease> leases_ GUARDED_BY(mutex_);
  std::map<std::pair<int64_t, int64_t>, TrialConfig> results_
      GUARDED_BY(mutex_);                                      // not acknowledged
  std::map<int64_t, TrialConfig> trained_ GUARDED_BY(mutex_);  // ever, by trial
  Seen seen_ GUARDED_BY(mutex_);
  // Streams of older epochs end in their own time.
  std::shared_ptr<RawSession> session_ GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<RawSession>> old_sessions_ GUARDED_BY(mutex_);
};

}  // namespace firstguess
