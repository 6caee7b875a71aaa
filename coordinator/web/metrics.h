#pragma once

#include <memory>
#include <string>

#include "common/mutex.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/view.h"
#include "coordinator/store/store.h"
#include "coordinator/web/event_counters.h"

namespace firstguess {

// What a coordinator tells Prometheus: the counters of what was committed, and how engine, store
// and process are now. The table in README.md names them all. Thread-safe.
class Metrics {
 public:
  struct Sources {
    const EventCounters* counters = nullptr;
    Engine* engine = nullptr;
    Store* store = nullptr;
    std::function<bool()> disk_full = [] { return false; };
    std::string version;
  };

  // The sources outlive it.
  explicit Metrics(Sources sources) : sources_(std::move(sources)) {}

  // The exposition in text format (version 0.0.4). Waits a second at most: an engine that is busy
  // for longer shows its sweeps and workers as they were before.
  std::string Text() EXCLUDES(mutex_);

 private:
  std::shared_ptr<const View> LatestView() EXCLUDES(mutex_);

  const Sources sources_;
  Mutex mutex_;
  std::shared_ptr<const View> last_view_ GUARDED_BY(mutex_) = std::make_shared<View>();
};

}  // namespace firstguess
