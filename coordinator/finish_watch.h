#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/notify/notifier.h"
#include "coordinator/service/engine.h"

namespace firstguess {

// Tells notifiers of each sweep that is done or cancelled from now on; what had ended before is old
// news. Used on the engine's thread.
class FinishWatch final : public Engine::Watcher {
 public:
  explicit FinishWatch(std::vector<std::unique_ptr<Notifier>> notifiers)
      : notifiers_(std::move(notifiers)) {}

  bool OnView(const View& view) override;
  void OnStop(absl::Status) override {}

 private:
  // When it ended, if it has. A sweep that goes on and ends again ends at another time.
  using End = std::pair<SweepState, std::optional<absl::Time>>;

  const std::vector<std::unique_ptr<Notifier>> notifiers_;
  bool first_view_ = true;
  std::map<SweepId, End> seen_;
};

}  // namespace firstguess
