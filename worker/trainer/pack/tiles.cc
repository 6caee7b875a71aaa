#include "worker/trainer/pack/tiles.h"

#include <algorithm>
#include <deque>
#include <numeric>
#include <set>

#include "common/log.h"

namespace firstguess::trainer {

absl::Status WorkInTiles(
    size_t count, int64_t tile_size,
    const std::function<absl::Status(const std::vector<size_t>& tile,
                                     const std::function<void(size_t)>& finished)>& train,
    const std::function<void(size_t, absl::Status)>& failed) {
  std::deque<size_t> waiting(count);
  std::iota(waiting.begin(), waiting.end(), size_t{0});
  while (!waiting.empty()) {
    const auto taken = std::min(waiting.begin() + tile_size, waiting.end());
    const std::vector<size_t> tile(waiting.begin(), taken);
    waiting.erase(waiting.begin(), taken);

    std::set<size_t> finished;
    const absl::Status status = train(tile, [&](size_t trial) { finished.insert(trial); });
    if (status.ok()) continue;
    if (!absl::IsResourceExhausted(status)) return status;
    if (tile.size() == 1) {
      failed(tile.front(), status);
      continue;
    }
    tile_size = static_cast<int64_t>(tile.size()) / 2;
    Log(LogLevel::kWarning, "out of memory; training fewer networks at once",
        {{"networks", tile_size}, {"reason", status.message()}});
    for (auto trial = tile.rbegin(); trial != tile.rend(); ++trial) {
      if (finished.count(*trial) == 0) waiting.push_front(*trial);
    }
  }
  return absl::OkStatus();
}

}  // namespace firstguess::trainer
