#include "coordinator/store/sqlite/time_limit.h"

namespace firstguess::sqlite {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Virtual machine instructions between two looks at the clock.
constexpr int kInstructions = 10'000;

}  // namespace

TimeLimit::TimeLimit(Database* database, absl::Duration most)
    : database_(database), end_(SteadyClock::now() + absl::ToChronoNanoseconds(most)) {
  sqlite3_progress_handler(
      database_->handle(), kInstructions,
      [](void* end) {
        return SteadyClock::now() >= *static_cast<const SteadyClock::time_point*>(end) ? 1 : 0;
      },
      const_cast<SteadyClock::time_point*>(&end_));
}

TimeLimit::~TimeLimit() { sqlite3_progress_handler(database_->handle(), 0, nullptr, nullptr); }

}  // namespace firstguess::sqlite
