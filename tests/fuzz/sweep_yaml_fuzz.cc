// Sweep files: every text is either a sweep or wrong in ways that are told with their places, and a
// sweep's cells have configurations that survive being written down, and places in its plan.
#include <string>

#include "common/spec/canonical_json.h"
#include "common/spec/sweep.h"
#include "coordinator/grid/pack_plan.h"
#include "tests/fuzz/fuzzed.h"

namespace firstguess {
namespace {

void CheckConfig(const TrialConfig& config) {
  const std::string json = CanonicalJson(config);
  const absl::StatusOr<TrialConfig> again = TrialConfigFromJson(json);
  Require(again.ok(), "a canonical configuration can be read");
  Require(CanonicalJson(*again) == json, "and is the same when written again");
}

// What takes long to draw is left out.
constexpr int64_t kMostDrawn = 1000;

void CheckPlan(const std::shared_ptr<const Sweep>& sweep) {
  if (sweep->sample.has_value() && sweep->sample->count > kMostDrawn) return;
  const absl::StatusOr<PackPlan> plan = PackPlan::Make(sweep);
  if (!plan.ok()) return;
  Require(plan->cells() > 0 && plan->cells() <= sweep->raw_cells(), "cells are counted");
  for (const uint64_t place : {uint64_t{0}, plan->cells() / 2, plan->cells() - 1}) {
    Require(plan->PlaceOf(plan->CellAt(place)) == place, "places and cells invert");
    Require(plan->PackAt(place).end() > place, "every place is in a pack");
    Require(plan->NextLive(place) == place, "all cells are live");
  }
  const absl::StatusOr<PackPlan> again = PackPlan::Make(sweep, &*plan);
  Require(again.ok() && again->cells() == 0, "the same spec adds nothing");
}

void ParseOne(const std::string& text) {
  ParsedSweep parsed = ParseSweep(text, "sweep.yaml");
  Require(parsed.sweep.has_value() == parsed.errors.empty(), "a text is a sweep or has mistakes");
  for (const SpecError& error : parsed.errors) {
    Require(!error.ToString().empty(), "a mistake is told");
  }
  if (!parsed.sweep.has_value()) return;
  const auto sweep = std::make_shared<const Sweep>(*std::move(parsed.sweep));
  const Grid grid(sweep);
  CheckConfig(grid.ConfigAt(0));
  CheckConfig(grid.ConfigAt(grid.cells() - 1));
  CheckPlan(sweep);
}

}  // namespace
}  // namespace firstguess

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firstguess::ParseOne(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
