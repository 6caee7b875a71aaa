#include "coordinator/state/state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {
namespace {

// Ticks come at least once a second; one that comes later than this was held up, and so were the
// heartbeats.
constexpr absl::Duration kLongestTick = absl::Seconds(2);

}  // namespace

State::State(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
State::State(State&&) = default;
State& State::operator=(State&&) = default;
State::~State() = default;

absl::StatusOr<State> State::Restore(const OpenWork& work, const Options& options,
                                     absl::Duration now) {
  auto impl = std::make_unique<Impl>(options);
  impl->now = now;
  if (absl::Status status = impl->RestoreFrom(work); !status.ok()) return status;
  return State(std::move(impl));
}

absl::StatusOr<Effects> State::Apply(const Event& event, absl::Duration now, absl::Time wall) {
  Impl& impl = *impl_;
  if (!impl.broken.ok()) return impl.broken;
  if (const auto* commit = std::get_if<WriteCommitted>(&event)) {
    if (absl::Status status = impl.CheckCommit(*commit); !status.ok()) return status;
  }
  impl.now = now;
  impl.wall = wall;
  impl.effects = {};
  std::visit([&](const auto& one) { impl.Handle(one); }, event);
  impl.Settle();
  if (!impl.broken.ok()) return impl.broken;
  return std::exchange(impl.effects, {});
}

const TrialConfig* State::ConfigOf(LeaseId lease_id, TrialId trial_id) const {
  Lease* lease = impl_->FindLease(lease_id);
  if (lease == nullptr) return nullptr;
  const Lease::Member* member = lease->Find(trial_id);
  if (member == nullptr || member->trial == nullptr) return nullptr;
  return &member->trial->config;
}

absl::Status State::CheckInvariants() const { return impl_->CheckInvariants(); }

void State::Impl::Handle(const Tick&) {
  if (last_tick.has_value() && now - *last_tick > kLongestTick) {
    late += now - *last_tick - kLongestTick;
  }
  last_tick = now;
  ExpireWorkers();
  ForgetWorkers();
}

void State::Impl::Handle(const DiskFull& event) {
  disk_full = event.full;
  if (!disk_full) new_work = true;
}

// What any event may have made due.
void State::Impl::Settle() {
  for (const LeaseId lease : std::exchange(restored_empty, {})) {
    Emit(firstguess::EndLease{.lease_id = lease, .outcome = "finished", .message = "", .at = wall},
         NothingMore());
  }
  OfferDue();
  CancelUnwanted();
  Schedule();
}

void State::Impl::Broken(absl::Status status) {
  if (!broken.ok() || status.ok()) return;
  broken = absl::InternalError(
      absl::StrCat("the coordinator's state contradicts itself: ", status.message(),
                   "; restart it: everything acknowledged is in the database"));
}

}  // namespace firstguess
