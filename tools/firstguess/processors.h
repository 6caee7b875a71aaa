#pragma once

#include "absl/strings/string_view.h"

namespace firstguess {

// Workers that this machine has room for: one for each processor that this process may use, or one
// for a GPU.
int WorkersThatFit(absl::string_view device);

}  // namespace firstguess
