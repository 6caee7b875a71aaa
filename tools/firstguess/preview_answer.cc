#include "tools/firstguess/preview_answer.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/grid_shape.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/wrapped.h"

namespace firstguess {
namespace {

constexpr int kPreviewNameWidth = 10;

// A sweep of more trials is seldom meant.
constexpr int64_t kManyTrials = 100'000;

std::vector<std::string> Warnings(const Preview& preview, const SpecFile& spec) {
  const int64_t trials = preview.estimate.cells - preview.estimate.known;
  if (trials <= kManyTrials) return {};
  return {absl::StrCat(
      FormatCount(trials), " trials are to be trained. To take some of the grid, ",
      spec.sweep.sample.has_value() ? "lower 'count' of 'sample:'" : "add 'sample: {count: 1000}'",
      " to ", spec.path, "; to take fewer values, shorten an axis.")};
}

std::string LimitsText(const PackLimits& limits) {
  return absl::StrCat("pack: {max_trials: ", limits.max_trials,
                      ", max_flops: ", absl::StrFormat("%g", limits.max_flops), "}");
}

std::string AdviceForGpu(const GpuPacks& gpu, const SpecFile& spec) {
  if (gpu.networks_at_once == 1) {
    return "networks of these shapes are trained one by one: larger packs gain nothing";
  }
  const std::string at_once = absl::StrCat("a GPU trains up to about ",
                                           FormatCount(gpu.networks_at_once), " networks at once");
  if (!gpu.enough.has_value()) return absl::StrCat(at_once, "; the packs are large enough for it");
  return absl::StrCat(at_once, ", and packs hold ", FormatCount(gpu.pack_trials), ": add '",
                      LimitsText(*gpu.enough), "' to ", spec.path);
}

nlohmann::ordered_json GpuJson(const GpuPacks& gpu) {
  nlohmann::ordered_json answer = {{"networks_at_once", gpu.networks_at_once},
                                   {"pack_trials", gpu.pack_trials},
                                   {"max_trials", nullptr},
                                   {"max_flops", nullptr}};
  if (gpu.enough.has_value()) {
    answer["max_trials"] = gpu.enough->max_trials;
    answer["max_flops"] = gpu.enough->max_flops;
  }
  return answer;
}

}  // namespace

void PrintPreview(const Preview& preview, const SpecFile& spec, Terminal* out) {
  const Estimate& estimate = preview.estimate;
  const auto line = [out](absl::string_view name, absl::string_view value) {
    PrintNamed(name, kPreviewNameWidth, value, out);
  };
  const char* about = estimate.known_is_exact ? "" : "about ";
  PrintGridShape(spec.sweep, out);
  line("sweep", spec.sweep.name);
  const auto raw_cells = static_cast<int64_t>(spec.sweep.raw_cells());
  line("cells", absl::StrCat(FormatCount(estimate.cells),
                             raw_cells == estimate.cells
                                 ? ""
                                 : absl::StrCat(" of ", FormatCount(raw_cells), " in the grid")));
  line("trials", absl::StrCat(about, FormatCount(estimate.cells - estimate.known), " new, ", about,
                              FormatCount(estimate.known), " known already",
                              estimate.known > 0 ? " (not trained again)" : ""));
  line("packs", FormatCount(std::llround(estimate.packs)));
  line("time", preview.seconds > 0
                   ? absl::StrCat("about ", DurationInWords(absl::Seconds(preview.seconds)), " ",
                                  preview.basis)
               : estimate.known == estimate.cells ? "none"
                                                  : preview.basis);
  line("database", absl::StrCat("about ", FormatBytes(std::llround(estimate.bytes)), " more"));
  if (preview.gpu.has_value()) line("gpu", AdviceForGpu(*preview.gpu, spec));
  if (!preview.sweep_there.empty()) line("note", preview.sweep_there);
  for (const std::string& warning : Warnings(preview, spec)) {
    line(Styled(*out, Style::kYellow, "warning"), warning);
  }
}

void PrintPreviewJson(const Preview& preview, const SpecFile& spec, Terminal* out) {
  const Estimate& estimate = preview.estimate;
  const nlohmann::ordered_json answer = {
      {"name", spec.sweep.name},
      {"cells", estimate.cells},
      {"raw_cells", spec.sweep.raw_cells()},
      {"grids", GridShapeJson(spec.sweep)},
      {"trials_known", estimate.known},
      {"trials_new", estimate.cells - estimate.known},
      {"known_is_exact", estimate.known_is_exact},
      {"packs", std::llround(estimate.packs)},
      {"flops", estimate.flops},
      {"bytes", std::llround(estimate.bytes)},
      {"seconds",
       preview.seconds > 0 ? nlohmann::ordered_json(preview.seconds) : nlohmann::ordered_json()},
      {"basis", preview.basis},
      {"already_there", preview.sweep_there},
      {"gpu", preview.gpu.has_value() ? GpuJson(*preview.gpu) : nlohmann::ordered_json()},
      {"warnings", Warnings(preview, spec)}};
  out->Write(JsonText(answer) + "\n");
}

}  // namespace firstguess
