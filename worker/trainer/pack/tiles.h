#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"

namespace firstguess::trainer {

// Works through the trials 0 … `count` - 1 in tiles of `tile_size` neighbours; the last tile may be
// smaller. `train(tile, finished)` trains one tile and calls `finished(i)` for each of its trials
// that it has reported. When it runs out of memory (ResourceExhausted), the tile size is halved for
// good, and those of the tile that are not finished are trained again; a trial that doesn't even
// fit alone goes to `failed`. Any other error ends the work and is returned.
absl::Status WorkInTiles(
    size_t count, int64_t tile_size,
    const std::function<absl::Status(const std::vector<size_t>& tile,
                                     const std::function<void(size_t)>& finished)>& train,
    const std::function<void(size_t, absl::Status)>& failed);

}  // namespace firstguess::trainer
