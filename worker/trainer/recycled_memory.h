#pragma once

namespace firstguess::trainer {

// From now on ATen's memory on the CPU, in blocks of up to 1 MiB, comes from blocks that were freed
// before, as it does on a GPU. What an update allocates for in-between results was freed by the
// update before it, so that after the first one none asks the system. Up to 64 MiB are kept.
// Idempotent; thread-safe.
void RecycleMemory();

}  // namespace firstguess::trainer
