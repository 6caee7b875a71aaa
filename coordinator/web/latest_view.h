#pragma once

#include <memory>

#include "common/mutex.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/view.h"

namespace firstguess {

// Sweeps and workers as the engine sees them now. Waits a second at most: an engine that is busy
// for longer shows what it showed before. Thread-safe.
class LatestView {
 public:
  // `engine` outlives it.
  explicit LatestView(Engine* engine) : engine_(engine) {}

  std::shared_ptr<const View> Get() EXCLUDES(mutex_);

 private:
  Engine* const engine_;
  Mutex mutex_;
  std::shared_ptr<const View> last_ GUARDED_BY(mutex_) = std::make_shared<View>();
};

}  // namespace firstguess
