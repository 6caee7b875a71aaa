#include "coordinator/web/metrics.h"

#include <map>
#include <utility>
#include <vector>

#include "coordinator/web/process_numbers.h"
#include "prometheus/text_serializer.h"

namespace firstguess {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Numbers of one name, in the making.
class FamilyBuilder {
 public:
  FamilyBuilder(std::string name, std::string help, MetricType type) : family_{} {
    family_.name = std::move(name);
    family_.help = std::move(help);
    family_.type = type;
  }

  FamilyBuilder& Add(double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    metric.counter.value = value;
    family_.metric.push_back(std::move(metric));
    return *this;
  }
  FamilyBuilder& Add(int64_t value, Labels labels = {}) {
    return Add(static_cast<double>(value), std::move(labels));
  }

  MetricFamily Take() { return std::move(family_); }

 private:
  MetricFamily family_;
};

FamilyBuilder Gauge(std::string name, std::string help) {
  return FamilyBuilder(std::move(name), std::move(help), MetricType::Gauge);
}
FamilyBuilder CounterOf(std::string name, std::string help) {
  return FamilyBuilder(std::move(name), std::move(help), MetricType::Counter);
}

int64_t PendingOf(const SweepCounters& counters) {
  return counters.cells - counters.done - counters.failed - counters.cancelled - counters.leased;
}

void AddSweeps(const View& view, std::vector<MetricFamily>* families) {
  std::map<std::string, int64_t> by_state = {
      {"running", 0}, {"paused", 0}, {"cancelled", 0}, {"done", 0}};
  int64_t pending = 0;
  int64_t leased = 0;
  FamilyBuilder of_sweep =
      Gauge("firstguess_sweep_trials", "Cells of each running or paused sweep, by status");
  for (const SweepView& sweep : view.sweeps) {
    ++by_state[std::string(SweepStateName(sweep.state))];
    if (sweep.state != SweepState::kRunning && sweep.state != SweepState::kPaused) continue;
    pending += PendingOf(sweep.counters);
    leased += sweep.counters.leased;
    for (const auto& [status, count] :
         {std::pair("pending", PendingOf(sweep.counters)),
          std::pair("leased", sweep.counters.leased), std::pair("done", sweep.counters.done),
          std::pair("failed", sweep.counters.failed),
          std::pair("cancelled", sweep.counters.cancelled)}) {
      of_sweep.Add(count, {{"sweep", sweep.name}, {"status", status}});
    }
  }
  FamilyBuilder sweeps = Gauge("firstguess_sweeps", "Sweeps by state");
  for (const auto& [state, count] : by_state) sweeps.Add(count, {{"state", state}});
  families->push_back(sweeps.Take());
  families->push_back(
      Gauge("firstguess_trials", "Cells of running and paused sweeps that are not ended, by status")
          .Add(pending, {{"status", "pending"}})
          .Add(leased, {{"status", "leased"}})
          .Take());
  families->push_back(of_sweep.Take());
}

void AddWorkers(const View& view, std::vector<MetricFamily>* families) {
  std::map<std::string, int64_t> by_state = {
      {"connected", 0}, {"draining", 0}, {"lost", 0}, {"cannot work", 0}};
  for (const WorkerView& worker : view.workers) ++by_state[worker.state];
  FamilyBuilder workers = Gauge("firstguess_workers", "Workers by state");
  for (const auto& [state, count] : by_state) workers.Add(count, {{"state", state}});
  families->push_back(workers.Take());
  families->push_back(CounterOf("firstguess_trainer_seconds_total",
                                "Time that trainer processes of connected workers lived")
                          .Add(view.trainer_time.seconds)
                          .Take());
  families->push_back(CounterOf("firstguess_trainer_busy_seconds_total",
                                "Of these, the time in training: updates and snapshots")
                          .Add(view.trainer_time.busy_seconds)
                          .Take());
}

void AddEngine(const Engine::Numbers& numbers, std::vector<MetricFamily>* families) {
  // In the order of ResultAckMessage::Outcome.
  constexpr const char* kAnswers[] = {"stored",    "duplicate", "permission_denied",
                                      "not_found", "invalid",   "unwanted"};
  FamilyBuilder results = CounterOf(
      "firstguess_results_total", "Results of trials that workers sent, by how they were answered");
  for (size_t i = 0; i < numbers.answered_results.size(); ++i) {
    results.Add(numbers.answered_results[i], {{"answer", kAnswers[i]}});
  }
  families->push_back(results.Take());
  families->push_back(
      Gauge("firstguess_results_unacknowledged", "Results taken in that are not answered yet")
          .Add(numbers.unacknowledged_results)
          .Take());
  families->push_back(
      Gauge("firstguess_events_queued", "Events that wait for the state machine's thread")
          .Add(numbers.queued_events)
          .Take());
}

void AddStore(const Store::Health& health, bool disk_full, std::vector<MetricFamily>* families) {
  const auto add = [families](std::string name, std::string help, double value) {
    families->push_back(Gauge(std::move(name), std::move(help)).Add(value).Take());
  };
  add("firstguess_writes_queued", "Writes that wait for a transaction or are in one",
      static_cast<double>(health.queued_writes));
  add("firstguess_database_bytes", "Size of the database file",
      static_cast<double>(health.database_bytes));
  add("firstguess_wal_bytes", "Size of SQLite's write-ahead log beside it",
      static_cast<double>(health.log_bytes));
  add("firstguess_wal_checkpoint_age_seconds",
      "Since the whole log was last copied into the database",
      absl::ToDoubleSeconds(health.since_checkpoint));
  add("firstguess_disk_free_bytes", "Room on the database's disk",
      static_cast<double>(health.disk_free_bytes));
  add("firstguess_disk_full", "1: the disk is full, and nothing is granted or acknowledged",
      disk_full ? 1 : 0);
}

void AddProcess(const ProcessNumbers& numbers, std::vector<MetricFamily>* families) {
  families->push_back(CounterOf("process_cpu_seconds_total", "User and system time of this process")
                          .Add(numbers.cpu_seconds)
                          .Take());
  const auto add = [families](std::string name, std::string help, double value) {
    families->push_back(Gauge(std::move(name), std::move(help)).Add(value).Take());
  };
  add("process_resident_memory_bytes", "Resident memory of this process",
      static_cast<double>(numbers.resident_bytes));
  add("process_start_time_seconds", "When this process started, in Unix time",
      numbers.start_unix_seconds);
  add("process_open_fds", "Open file descriptors", static_cast<double>(numbers.open_descriptors));
  add("process_max_fds", "File descriptors that it may open",
      static_cast<double>(numbers.most_descriptors));
}

}  // namespace

std::string Metrics::Text() {
  const std::shared_ptr<const View> view = sources_.view->Get();
  std::vector<MetricFamily> families = sources_.counters->Collect();
  AddSweeps(*view, &families);
  AddWorkers(*view, &families);
  AddEngine(sources_.engine->GetNumbers(), &families);
  AddStore(sources_.store->GetHealth(), sources_.disk_full(), &families);
  families.push_back(Gauge("firstguess_build_info", "Always 1; the version is a label")
                         .Add(int64_t{1}, {{"version", sources_.version}})
                         .Take());
  AddProcess(ReadProcessNumbers(), &families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace firstguess
