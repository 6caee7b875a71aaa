#include "coordinator/grid/sample.h"

#include <algorithm>
#include <functional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "coordinator/grid/sobol.h"

namespace firstguess {
namespace {

__extension__ using Wide = unsigned __int128;

// As many draws find all of n cells with little doubt, for n up to the largest count.
uint64_t MostDraws(uint64_t count) { return 10'000 + 24 * count; }

uint64_t HashModulo(absl::string_view text, uint64_t modulus) {
  Wide rest = 0;
  for (const char byte : Sha256(text)) {
    rest = (rest << 8 | static_cast<unsigned char>(byte)) % modulus;
  }
  return static_cast<uint64_t>(rest);
}

uint32_t ShiftOf(int64_t seed, size_t dimension) {
  const std::string hash = Sha256(absl::StrCat("firstguess/v1/sobol/", seed, "/", dimension));
  uint32_t shift = 0;
  for (size_t i = 0; i < 4; ++i) shift = shift << 8 | static_cast<unsigned char>(hash[i]);
  return shift;
}

// The next raw cell at each call.
using Draw = std::function<uint64_t()>;

Draw RandomDraws(int64_t seed, uint64_t cells) {
  return [seed, cells, i = uint64_t{0}]() mutable {
    return HashModulo(absl::StrCat("firstguess/v1/sample/", seed, "/", i++), cells);
  };
}

Draw SobolDraws(int64_t seed, const AxisProduct& grid) {
  std::vector<uint32_t> shifts;
  for (size_t k = 0; k < grid.axes.size(); ++k) shifts.push_back(ShiftOf(seed, k));
  return [shifts, &grid, sequence = SobolSequence(grid.axes.size())]() mutable {
    uint64_t cell = 0;
    for (size_t k = 0; k < shifts.size(); ++k) {
      const uint64_t size = grid.axes[k].size();
      const Wide coordinate = sequence.point()[k] ^ shifts[k];
      cell = cell * size + static_cast<uint64_t>(coordinate * size >> 32);
    }
    sequence.Next();
    return cell;
  };
}

}  // namespace

bool IsExcluded(const Sweep& sweep, const TrialConfig& config) {
  return std::any_of(sweep.excludes.begin(), sweep.excludes.end(), [&](const Exclude& exclude) {
    return std::all_of(exclude.columns.begin(), exclude.columns.end(), [&](const Column& column) {
      return column.Find(GetField(config, *FindField(column.field()))).has_value();
    });
  });
}

absl::StatusOr<std::vector<uint64_t>> DrawCells(const Grid& grid) {
  const Sweep& sweep = grid.sweep();
  const Sample& sample = *sweep.sample;
  const auto count = static_cast<uint64_t>(sample.count);
  Draw draw = sample.method == Sample::Method::kSobol ? SobolDraws(sample.seed, sweep.grids.front())
                                                      : RandomDraws(sample.seed, grid.cells());
  const bool is_plain = sweep.grids.size() == 1 && sweep.excludes.empty();
  absl::flat_hash_set<uint64_t> drawn;
  for (uint64_t draws = 0; drawn.size() < count; ++draws) {
    if (draws == MostDraws(count)) {
      return absl::InvalidArgumentError(
          absl::StrCat("`sample` found ", drawn.size(), " of ", count, " cells in ", draws,
                       " draws: ask for fewer, or leave `sample` out to have all"));
    }
    const uint64_t cell = draw();
    if (is_plain) {
      drawn.insert(cell);
      continue;
    }
    const TrialConfig config = grid.ConfigAt(cell);
    if (!IsExcluded(sweep, config)) drawn.insert(*grid.CellOf(config));
  }
  std::vector<uint64_t> cells(drawn.begin(), drawn.end());
  std::sort(cells.begin(), cells.end());
  return cells;
}

}  // namespace firstguess
