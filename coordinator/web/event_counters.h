#pragma once

#include <vector>

#include "coordinator/store/store_observer.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/histogram.h"
#include "prometheus/metric_family.h"
#include "prometheus/registry.h"

namespace firstguess {

// Counts what the store has committed since this process began. Thread-safe; whoever collects holds
// up the writer for no longer than copying a number takes.
class EventCounters final : public StoreObserver {
 public:
  EventCounters();

  void OnWrite(const Write& write, const WriteResult& result) override;
  void OnCommit(const Commit& commit) override;

  std::vector<prometheus::MetricFamily> Collect() const { return registry_.Collect(); }

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& trials_ended_;
  prometheus::Counter& trials_done_;
  prometheus::Counter& trials_failed_;
  prometheus::Counter& trials_cancelled_;
  prometheus::Family<prometheus::Counter>& failures_;
  prometheus::Counter& leases_granted_;
  prometheus::Family<prometheus::Counter>& leases_ended_;
  prometheus::Counter& commits_;
  prometheus::Histogram& commit_results_;
  prometheus::Histogram& commit_seconds_;
};

}  // namespace firstguess
