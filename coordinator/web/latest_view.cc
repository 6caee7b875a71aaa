#include "coordinator/web/latest_view.h"

#include <utility>

namespace firstguess {
namespace {

constexpr absl::Duration kViewPatience = absl::Seconds(1);

// A view that the engine's thread hands over, if it does so in time.
struct AskedView {
  Mutex mutex;
  CondVar changed;
  std::shared_ptr<const View> view GUARDED_BY(mutex);
};

}  // namespace

std::shared_ptr<const View> LatestView::Get() {
  auto asked = std::make_shared<AskedView>();
  engine_->Read([asked](std::shared_ptr<const View> view) {
    MutexLock lock(&asked->mutex);
    asked->view = std::move(view);
    asked->changed.NotifyAll();
  });
  std::shared_ptr<const View> view;
  {
    const absl::Duration end = RealClock()->MonotonicNow() + kViewPatience;
    MutexLock lock(&asked->mutex);
    while (asked->view == nullptr) {
      const absl::Duration left = end - RealClock()->MonotonicNow();
      if (left <= absl::ZeroDuration()) break;
      asked->changed.WaitFor(&asked->mutex, left);
    }
    view = asked->view;
  }
  MutexLock lock(&mutex_);
  if (view != nullptr) last_ = view;
  return last_;
}

}  // namespace firstguess
