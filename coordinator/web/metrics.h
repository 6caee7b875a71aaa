#pragma once

#include <functional>
#include <string>
#include <utility>

#include "coordinator/service/engine.h"
#include "coordinator/store/store.h"
#include "coordinator/web/event_counters.h"
#include "coordinator/web/latest_view.h"

namespace firstguess {

// What a coordinator tells Prometheus: the counters of what was committed, and how engine, store
// and process are now. The table in README.md names them all. Thread-safe.
class Metrics {
 public:
  struct Sources {
    const EventCounters* counters = nullptr;
    Engine* engine = nullptr;
    LatestView* view = nullptr;
    Store* store = nullptr;
    std::function<bool()> disk_full = [] { return false; };
    std::string version;
  };

  // The sources outlive it.
  explicit Metrics(Sources sources) : sources_(std::move(sources)) {}

  // The exposition in text format (version 0.0.4). Waits no longer than LatestView does.
  std::string Text();

 private:
  const Sources sources_;
};

}  // namespace firstguess
