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

// Answers that take reading the database, computed one at a time on a thread of their own and kept.
// However many ask: one that is read anew was asked for, is out of date, and rests for four times
// as long as it took, so that reading takes a fifth of one core at most. Nobody waits: who asks
// gets the last answer, or 202 {"pending": true} if there is none yet. Thread-safe.
class BackgroundAnswers {
 public:
  using Compute = std::function<HttpServer::Answer()>;

  // `version`: an answer that was computed for the same one is up to date.
  HttpServer::Answer Get(const std::string& key, const std::string& version, Compute compute)
      EXCLUDES(mutex_);

 private:
  struct Entry {
    HttpServer::Answer answer;
    std::string version;
    bool is_computed = false;
    bool is_computing = false;
    absl::Duration rests_until;  // by the machine's clock
    int64_t asked = 0;           // the number of the last question
  };

  void Run(const std::string& key, const std::string& version, const Compute& compute)
      EXCLUDES(mutex_);
  void ForgetOne() REQUIRES(mutex_);

  Mutex mutex_;
  std::map<std::string, Entry> entries_ GUARDED_BY(mutex_);
  int64_t questions_ GUARDED_BY(mutex_) = 0;
  // Last: ends first.
  Executor executor_{1, 64};
};

}  // namespace firstguess
