#pragma once

#include <cstdint>
#include <string>

#include "common/trajectory.h"

namespace firstguess {

// The limit that the store is held against: the rows that trials end up as, inserted through
// SQLite's C functions by one connection with the store's pragmas, `group` trials to a transaction.
// No queue, no counters, no look-up of keys, nothing updated. `path` is an empty database of ours.
// Exits on errors.
void InsertRaw(const std::string& path, int64_t trials, const Trajectory& trajectory,
               int64_t group);

}  // namespace firstguess
