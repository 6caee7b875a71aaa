#include "coordinator/web/background_answers.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "coordinator/web/json_answer.h"

namespace firstguess {
namespace {

constexpr size_t kMostKept = 64;
constexpr absl::Duration kShortestRest = absl::Seconds(1);
constexpr int kRestPerWork = 9;
// Pages that were not heard of for so long are closed.
constexpr absl::Duration kLongestSilence = absl::Seconds(10);

// Of the calling thread alone, as Linux has it: whoever writes comes first.
void LowerPriority() {
  constexpr int kNiceness = 10;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
}

}  // namespace

HttpServer::Answer BackgroundAnswers::Get(const std::string& key, const std::string& version,
                                          Compute compute) {
  MutexLock lock(&mutex_);
  if (entries_.count(key) == 0 && entries_.size() >= kMostKept) ForgetOne();
  Entry& entry = entries_[key];
  entry.wanted = version;
  entry.compute = std::move(compute);
  entry.asked_at = clock_->MonotonicNow();
  StartNext();
  if (!entry.is_computed) return JsonAnswer({{"pending", true}}, 202);
  return entry.answer;
}

void BackgroundAnswers::StartNext() {
  if (!computing_.empty()) return;
  const absl::Duration now = clock_->MonotonicNow();
  const std::pair<const std::string, Entry>* next = nullptr;
  for (const auto& named : entries_) {
    const Entry& entry = named.second;
    if (entry.IsUpToDate() || now - entry.asked_at > kLongestSilence) continue;
    if (entry.is_computed && now < rests_until_) continue;
    // One that was never computed has the time 0.
    if (next == nullptr || entry.computed_at < next->second.computed_at) next = &named;
  }
  if (next == nullptr) return;
  const bool taken =
      executor_.Run([this, key = next->first, version = next->second.wanted,
                     compute = next->second.compute] { Run(key, version, compute); });
  if (taken) computing_ = next->first;
}

void BackgroundAnswers::Run(const std::string& key, const std::string& version,
                            const Compute& compute) {
  LowerPriority();
  const absl::Duration begin = clock_->MonotonicNow();
  HttpServer::Answer answer = compute();
  const absl::Duration end = clock_->MonotonicNow();
  MutexLock lock(&mutex_);
  // It is not forgotten while it is computed.
  Entry& entry = entries_[key];
  entry.answer = std::move(answer);
  entry.version = version;
  entry.is_computed = true;
  entry.computed_at = end;
  computing_.clear();
  rests_until_ = end + std::max(kShortestRest, kRestPerWork * (end - begin));
}

void BackgroundAnswers::ForgetOne() {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->first == computing_) continue;
    if (oldest == entries_.end() || it->second.asked_at < oldest->second.asked_at) oldest = it;
  }
  if (oldest != entries_.end()) entries_.erase(oldest);
}

}  // namespace firstguess
