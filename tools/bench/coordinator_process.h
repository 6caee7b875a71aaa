#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace firstguess {

// A firstguess-coordinator (the one beside this program) as a process of its own: its memory and
// processor time can be told from the benchmark's, and it can be killed. Exits on errors.
// Thread-compatible.
class CoordinatorProcess {
 public:
  // Returns once it listens. `address` as for --listen; `flags`: more of its command line.
  CoordinatorProcess(const std::string& database, const std::string& address,
                     const std::vector<std::string>& flags = {});
  // Kills it if it still runs.
  ~CoordinatorProcess();
  CoordinatorProcess(const CoordinatorProcess&) = delete;
  CoordinatorProcess& operator=(const CoordinatorProcess&) = delete;

  // So far, in user and kernel mode.
  double ProcessorSeconds() const;
  int64_t ResidentBytes() const;
  int64_t PeakResidentBytes() const;

  // kill -9.
  void Kill();
  // Asks it to end, and waits.
  void Stop();

 private:
  int64_t StatusBytes(const std::string& field) const;
  int Await();

  pid_t process_ = 0;  // 0: ended
  int output_ = -1;
};

}  // namespace firstguess
