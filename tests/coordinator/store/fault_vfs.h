#pragma once

#include <cstdint>
#include <string>

namespace firstguess {

// An SQLite VFS over the default one that fails when told: the disk under a database, for tests.
// It counts what changes files (writes, syncs, truncations, and growth of the log's index); the
// n-th from now on can fail, with or without all that follow. Registered under a name of its own
// while it lives; one at a time. Thread-safe.
class FaultVfs {
 public:
  enum class Fault { kFull, kIo };

  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // For Store::Options::vfs.
  const std::string& name() const;

  // The `n`-th operation from now (from 1) fails once.
  void FailOnce(int64_t n, Fault fault);
  // Every operation from the n-th on fails until Repair.
  void FailFrom(int64_t n, Fault fault);
  void Repair();

  // Operations since the last of the calls above.
  int64_t operations() const;
  // Whether one of them failed.
  bool has_failed() const;
};

}  // namespace firstguess
