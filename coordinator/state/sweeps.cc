#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {
namespace {

// Request ids whose answers are remembered; a client sends one again within seconds.
constexpr size_t kRememberedRequests = 1024;

}  // namespace

void State::Impl::Handle(const SubmitSweep& event) {
  if (const auto found = answered.find(event.request_id); found != answered.end()) {
    ReplyAfter(sweeps.at(found->second.sweep).last_write, {.token = event.token,
                                                           .status = absl::OkStatus(),
                                                           .sweep_id = found->second.sweep,
                                                           .existed = found->second.existed,
                                                           .extended = found->second.extended});
    return;
  }
  Answered answer;
  if (absl::Status status = InsertOrExtend(event, &answer); !status.ok()) {
    effects.replies.push_back({.token = event.token, .status = std::move(status)});
    return;
  }
  if (!event.request_id.empty()) {
    answered[event.request_id] = answer;
    answered_order.push_back(event.request_id);
    if (answered_order.size() > kRememberedRequests) {
      answered.erase(answered_order.front());
      answered_order.pop_front();
    }
  }
  ReplyAfter(sweeps.at(answer.sweep).last_write, {.token = event.token,
                                                  .status = absl::OkStatus(),
                                                  .sweep_id = answer.sweep,
                                                  .existed = answer.existed,
                                                  .extended = answer.extended});
}

absl::Status State::Impl::InsertOrExtend(const SubmitSweep& event, Answered* answer) {
  const auto known = sweeps_by_name.find(event.sweep->name);
  if (known == sweeps_by_name.end()) {
    const absl::StatusOr<Plans> plans = PlansWith(SweepRecord(), event.sweep);
    if (!plans.ok()) return plans.status();
    answer->sweep = ++last_sweep_id;
    Insert(event, answer->sweep, *plans);
    return absl::OkStatus();
  }
  SweepRecord& sweep = sweeps.at(known->second);
  answer->sweep = sweep.id;
  answer->existed = sweep.canonical == event.sweep->canonical;
  answer->extended = !answer->existed;
  if (answer->existed) return absl::OkStatus();
  if (sweep.state == SweepState::kCancelled) {
    return absl::FailedPreconditionError(
        absl::StrCat("sweep `", sweep.name,
                     "` is cancelled and can't be changed: choose another name for this one"));
  }
  const absl::StatusOr<Plans> plans = PlansWith(sweep, event.sweep);
  if (!plans.ok()) return plans.status();
  if (!event.extend) return WouldChange(sweep, *plans->back());
  Extend(sweep, event, *plans);
  return absl::OkStatus();
}

void State::Impl::Insert(const SubmitSweep& event, SweepId id, const Plans& plans) {
  SweepRecord& sweep = sweeps[id];
  sweep.id = id;
  sweep.name = event.sweep->name;
  sweep.canonical = event.sweep->canonical;
  sweep.priority = event.sweep->priority;
  AddRevision(sweep, event.sweep, plans);
  sweep.counters.cells = static_cast<int64_t>(plans.back()->sweep_cells());
  sweep.created_at = wall;
  sweeps_by_name[sweep.name] = id;
  sweep.last_write = Emit(InsertSweep{.sweep_id = id,
                                      .name = sweep.name,
                                      .spec = event.spec_text,
                                      .canonical = sweep.canonical,
                                      .plan_rules = static_cast<int64_t>(plans.back()->rules()),
                                      .priority = sweep.priority,
                                      .cells = sweep.counters.cells,
                                      .at = wall},
                          SweepWritten{.sweep = id});
  UpdateOffer(sweep);
  ReclaimFor(sweep);
}

void State::Impl::Handle(const ChangeSweep& event) {
  const auto known = sweeps_by_name.find(event.name);
  if (known == sweeps_by_name.end()) {
    effects.replies.push_back({.token = event.token,
                               .status = absl::NotFoundError(
                                   absl::StrCat("there is no sweep called `", event.name, "`"))});
    return;
  }
  SweepRecord& sweep = sweeps.at(known->second);
  absl::Status refused;
  switch (event.kind) {
    case ChangeSweep::Kind::kPause:
      if (sweep.state == SweepState::kPaused) break;
      refused = CheckTransition(sweep.state, SweepState::kPaused);
      if (refused.ok()) Pause(sweep, "");
      break;
    case ChangeSweep::Kind::kResume:
      if (sweep.state == SweepState::kRunning) break;
      // A done sweep runs again only by a retry.
      refused = sweep.state == SweepState::kDone
                    ? absl::FailedPreconditionError("a sweep that is done can't become running")
                    : CheckTransition(sweep.state, SweepState::kRunning);
      if (refused.ok()) Resume(sweep);
      break;
    case ChangeSweep::Kind::kCancel:
      if (sweep.state == SweepState::kCancelled) break;
      refused = CheckTransition(sweep.state, SweepState::kCancelled);
      if (refused.ok()) Cancel(sweep);
      break;
    case ChangeSweep::Kind::kRetryFailed:
      if (sweep.state == SweepState::kCancelled) {
        refused = CheckTransition(sweep.state, SweepState::kRunning);
        break;
      }
      sweep.last_write = Emit(RetryFailed{.sweep_id = sweep.id, .classes = event.classes},
                              FailuresRetried{.sweep = sweep.id});
      break;
  }
  if (!refused.ok()) {
    effects.replies.push_back(
        {.token = event.token,
         .status = absl::Status(refused.code(),
                                absl::StrCat("sweep `", sweep.name, "`: ", refused.message()))});
    return;
  }
  ReplyAfter(sweep.last_write,
             {.token = event.token, .status = absl::OkStatus(), .sweep_id = sweep.id});
}

void State::Impl::MoveSweep(SweepRecord& sweep, SweepState to) {
  Broken(CheckTransition(sweep.state, to));
  sweep.state = to;
  sweep.finished_at.reset();
  if (to == SweepState::kDone || to == SweepState::kCancelled) sweep.finished_at = wall;
  UpdateOffer(sweep);
}

void State::Impl::WriteState(SweepRecord& sweep, SweepState to) {
  MoveSweep(sweep, to);
  ++sweep.state_writes;
  sweep.last_write = Emit(SetSweepState{.sweep_id = sweep.id, .state = to, .at = wall},
                          SweepWritten{.sweep = sweep.id, .state = true});
}

void State::Impl::Pause(SweepRecord& sweep, std::string reason) {
  sweep.pause_reason = std::move(reason);
  WriteState(sweep, SweepState::kPaused);
  ReclaimPaused();
}

void State::Impl::Resume(SweepRecord& sweep) {
  sweep.pause_reason.clear();
  sweep.forgiven_failures = sweep.counters.failed;
  WriteState(sweep, SweepState::kRunning);
  ReclaimFor(sweep);
}

void State::Impl::Cancel(SweepRecord& sweep) {
  WriteState(sweep, SweepState::kCancelled);
  DropWants(sweep, {sweep.open_trials.begin(), sweep.open_trials.end()});
}

// The store may know better: that a sweep which is paused or resumed just now is done already.
void State::Impl::FollowStore(SweepRecord& sweep) {
  if (sweep.state_writes == 0 && sweep.state != sweep.stored_state) {
    MoveSweep(sweep, sweep.stored_state);
  }
}

// Takes over what the store counted.
void State::Impl::Mirror(const ChangedSweep& changed) {
  const auto found = sweeps.find(changed.sweep_id);
  if (found == sweeps.end()) {
    Broken(absl::InternalError(absl::StrCat("sweep ", changed.sweep_id, " is not known")));
    return;
  }
  SweepRecord& sweep = found->second;
  sweep.counters = changed.counters;
  sweep.stored_state = changed.state;
  FollowStore(sweep);
  if (sweep.state != SweepState::kRunning || !sweep.sweep->max_failures.has_value()) return;
  if (sweep.counters.failed - sweep.forgiven_failures > *sweep.sweep->max_failures) {
    Pause(sweep,
          absl::StrCat("paused: ", sweep.counters.failed, " trials failed, more than max_failures ",
                       *sweep.sweep->max_failures));
  }
}

}  // namespace firstguess
