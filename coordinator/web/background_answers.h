#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "common/clock.h"
#include "common/mutex.h"
#include "coordinator/service/executor.h"
#include "coordinator/web/http_server.h"

namespace firstguess {

// Answers that take reading the database, computed one at a time on a thread of their own, of low
// priority, and kept. However many ask: what is read anew is asked for and out of date, the oldest
// first, and then the thread rests for nine times as long as that took, so that it takes a tenth of
// one core at most. Only what there is no answer to yet does not wait for the rest. Who asks never
// waits: it gets the last answer, or 202 {"pending": true} if there is none. Thread-safe.
class BackgroundAnswers {
 public:
  using Compute = std::function<HttpServer::Answer()>;

  explicit BackgroundAnswers(Clock* clock = RealClock()) : clock_(clock) {}

  // `version`: an answer that was computed for the same one is up to date.
  HttpServer::Answer Get(const std::string& key, const std::string& version, Compute compute)
      EXCLUDES(mutex_);

 private:
  struct Entry {
    HttpServer::Answer answer;
    std::string version;  // of the answer
    bool is_computed = false;
    absl::Duration computed_at;
    std::string wanted;  // version
    Compute compute;
    absl::Duration asked_at;

    bool IsUpToDate() const { return is_computed && answer.code == 200 && version == wanted; }
  };

  void StartNext() REQUIRES(mutex_);
  void Run(const std::string& key, const std::string& version, const Compute& compute)
      EXCLUDES(mutex_);
  void ForgetOne() REQUIRES(mutex_);

  Clock* const clock_;
  Mutex mutex_;
  std::map<std::string, Entry> entries_ GUARDED_BY(mutex_);
  std::string computing_ GUARDED_BY(mutex_);  // a key; empty: none
  absl::Duration rests_until_ GUARDED_BY(mutex_);
  // Last: ends first.
  Executor executor_{1, 1};
};

}  // namespace firstguess
