#include "coordinator/state/matching.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/shape.h"

namespace firstguess {
namespace {

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// In the largest unit that a sweep file may use for it.
std::string MemoryText(int64_t bytes) {
  const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  for (; unit < 4 && bytes % 1024 == 0; ++unit) bytes /= 1024;
  return absl::StrCat(bytes, " ", units[unit], " of memory");
}

}  // namespace

std::shared_ptr<const Shape> ShapeOf(const TrialConfig& config) {
  return std::make_shared<const Shape>(Shape{.key = ShapeKey(config), .dataset = config.dataset});
}

bool MeetsRequirements(const WorkerDescription& worker, const Requirements& needs) {
  return (needs.device.empty() || worker.device == needs.device) &&
         absl::StrContains(worker.device_name, needs.device_name) &&
         worker.memory_bytes >= needs.memory_bytes &&
         std::all_of(needs.labels.begin(), needs.labels.end(),
                     [&](const std::string& label) { return Contains(worker.labels, label); });
}

bool CanRunShape(const WorkerDescription& worker, const BarredShapes& barred, const Shape& shape) {
  return Contains(worker.datasets, shape.dataset) && !barred.contains(shape.key);
}

std::string NeedsText(const Requirements& needs, const Shape& shape) {
  std::vector<std::string> parts;
  if (!needs.device.empty()) parts.push_back(absl::StrCat("device ", needs.device));
  if (!needs.device_name.empty()) parts.push_back(absl::StrCat("device name ", needs.device_name));
  if (needs.memory_bytes > 0) parts.push_back(MemoryText(needs.memory_bytes));
  for (const std::string& label : needs.labels) parts.push_back(absl::StrCat("label ", label));
  parts.push_back(absl::StrCat("data set ", shape.dataset));
  return absl::StrJoin(parts, ", ");
}

}  // namespace firstguess
