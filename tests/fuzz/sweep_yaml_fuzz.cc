// Sweep files: every text is either a sweep or wrong in ways that are told with their places, and a
// sweep's cells have configurations that survive being written down.
#include <string>

#include "common/spec/canonical_json.h"
#include "common/spec/sweep.h"
#include "coordinator/grid/grid.h"
#include "tests/fuzz/fuzzed.h"

namespace firstguess {
namespace {

void CheckConfig(const TrialConfig& config) {
  const std::string json = CanonicalJson(config);
  const absl::StatusOr<TrialConfig> again = TrialConfigFromJson(json);
  Require(again.ok(), "a canonical configuration can be read");
  Require(CanonicalJson(*again) == json, "and is the same when written again");
}

void ParseOne(const std::string& text) {
  ParsedSweep parsed = ParseSweep(text, "sweep.yaml");
  Require(parsed.sweep.has_value() == parsed.errors.empty(), "a text is a sweep or has mistakes");
  for (const SpecError& error : parsed.errors) {
    Require(!error.ToString().empty(), "a mistake is told");
  }
  if (!parsed.sweep.has_value()) return;
  const Grid grid(std::make_shared<const Sweep>(*std::move(parsed.sweep)));
  if (grid.cells() == 0) return;
  CheckConfig(grid.ConfigAt(0));
  CheckConfig(grid.ConfigAt(grid.cells() - 1));
}

}  // namespace
}  // namespace firstguess

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firstguess::ParseOne(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
