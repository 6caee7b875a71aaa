#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace firstguess::trainer {

// Where processes of one user on one machine keep what they share: a folder of the machine's own,
// for a network's file system could take a mapped file away. "" if there is none that is this
// user's alone.
std::string SharedPagesFolder();

// Backs the whole pages of `data` with a file of `folder` that holds the same bytes; the first
// process to ask writes it. All processes that did so with equal bytes, which lie alike in their
// pages as those of large allocations do, have one copy of them in memory between them. What a
// process writes there afterwards is its own, and nobody else sees it.
//
// The file is compared byte for byte before it is used, so `data` hold the same values before and
// after. Less than 1 MiB is left as it is. FailedPrecondition: the file in the way isn't this
// user's, or holds other bytes; Unavailable: it can't be written or mapped. `data` are then left
// as they are.
absl::Status SharePages(void* data, size_t bytes, const std::string& folder);

}  // namespace firstguess::trainer
