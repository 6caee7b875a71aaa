#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/trajectory.h"

namespace firstguess {

// Drives a store as a coordinator with enough workers does: packs are opened, their trials' results
// stored, their leases ended, with `packs_in_flight` packs between their first write and their
// last. Returns when everything is committed. `path` is an empty database of ours, or none. Exits
// on errors.
void InsertThroughStore(const std::string& path, int64_t trials, int64_t pack_size,
                        int64_t packs_in_flight, std::shared_ptr<const Trajectory> trajectory);

}  // namespace firstguess
