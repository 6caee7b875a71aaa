#include "coordinator/web/background_answers.h"

#include <algorithm>
#include <utility>

#include "coordinator/web/json_answer.h"

namespace firstguess {
namespace {

constexpr size_t kMostKept = 64;
constexpr absl::Duration kShortestRest = absl::Seconds(1);
constexpr int kRestPerWork = 4;

}  // namespace

HttpServer::Answer BackgroundAnswers::Get(const std::string& key, const std::string& version,
                                          Compute compute) {
  MutexLock lock(&mutex_);
  if (entries_.count(key) == 0 && entries_.size() >= kMostKept) ForgetOne();
  Entry& entry = entries_[key];
  entry.asked = ++questions_;
  const bool is_good = entry.is_computed && entry.answer.code == 200 && entry.version == version;
  if (!is_good && !entry.is_computing && RealClock()->MonotonicNow() >= entry.rests_until) {
    // What does not fit the queue is asked for again.
    entry.is_computing = executor_.Run(
        [this, key, version, compute = std::move(compute)] { Run(key, version, compute); });
  }
  if (!entry.is_computed) return JsonAnswer({{"pending", true}}, 202);
  return entry.answer;
}

void BackgroundAnswers::Run(const std::string& key, const std::string& version,
                            const Compute& compute) {
  const absl::Duration begin = RealClock()->MonotonicNow();
  HttpServer::Answer answer = compute();
  const absl::Duration end = RealClock()->MonotonicNow();
  MutexLock lock(&mutex_);
  // It is not forgotten while it is computed.
  Entry& entry = entries_[key];
  entry.answer = std::move(answer);
  entry.version = version;
  entry.is_computed = true;
  entry.is_computing = false;
  entry.rests_until = end + std::max(kShortestRest, kRestPerWork * (end - begin));
}

void BackgroundAnswers::ForgetOne() {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->second.is_computing) continue;
    if (oldest == entries_.end() || it->second.asked < oldest->second.asked) oldest = it;
  }
  if (oldest != entries_.end()) entries_.erase(oldest);
}

}  // namespace firstguess
