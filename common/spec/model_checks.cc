#include "common/spec/model_checks.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/spec/datasets.h"
#include "common/spec/fields.h"

namespace firstguess {
namespace {

// The smallest side that every layer with stride 2 finds at least 2 places wide: three of them, and
// two more in the ImageNet stem.
constexpr int64_t kSmallestForCifarStem = 5;
constexpr int64_t kSmallestForImagenetStem = 17;

std::optional<Misfit> FindImageMisfit(const TrialConfig& config, const ImageShape& image) {
  const bool is_resnet = FindResnet(config.model) != nullptr;
  if (config.model != "cnn" && !is_resnet) return std::nullopt;
  if (!image.is_image()) {
    return Misfit{{"model", "dataset"},
                  absl::StrCat("`model` ", config.model, " needs images, and ", config.dataset,
                               " has vectors: use mlp")};
  }
  if (!is_resnet) return std::nullopt;
  const bool has_imagenet_stem = config.stem == "imagenet";
  const int64_t least = has_imagenet_stem ? kSmallestForImagenetStem : kSmallestForCifarStem;
  if (std::min(image.height, image.width) >= least) return std::nullopt;
  return Misfit{{"stem", "model", "dataset"},
                absl::StrCat("`model` ", config.model, " with `stem` ", config.stem,
                             " needs images of at least ", least, " x ", least, ", and those of ",
                             config.dataset, " are ", image.height, " x ", image.width,
                             has_imagenet_stem ? ": use stem cifar" : "")};
}

std::optional<Misfit> FindBatchMisfit(const TrialConfig& config) {
  if (!HasBatchNorm(config)) return std::nullopt;
  if (config.batch_size < 2 && config.steps > 0) {
    return Misfit{{"batch_size", "norm", "model"},
                  "`batch_size` must be at least 2 for batch normalisation, which has no variance "
                  "of one example"};
  }
  if (config.probe_size < 2 && config.norm_statistics == "batch") {
    return Misfit{{"probe_size", "norm_statistics", "norm", "model"},
                  "`probe_size` must be at least 2 for batch normalisation with `norm_statistics` "
                  "batch"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Misfit> FindMisfit(const TrialConfig& config, const ImageShape& image) {
  if (std::optional<Misfit> misfit = FindImageMisfit(config, image)) return misfit;
  return FindBatchMisfit(config);
}

const std::vector<absl::string_view>& FieldsOfModels() {
  static const auto* const fields = new std::vector<absl::string_view>{
      "dataset", "class_subset",    "data_classes", "data_dimension", "model", "norm",
      "stem",    "norm_statistics", "batch_size",   "probe_size",     "steps"};
  return *fields;
}

void CheckModels(const CellValues& cells, const FieldPlaces& places, SpecErrors& errors) {
  std::set<std::string> told;
  const auto tell = [&](const std::optional<Misfit>& misfit) {
    if (!misfit.has_value() || !told.insert(misfit->message).second) return;
    errors.Add(PlaceOf(misfit->fields, places), misfit->message);
  };
  TrialConfig config = cells.base;
  config.class_subset.clear();  // changes no shape
  config.steps = Largest<int64_t>(cells, "steps");
  config.batch_size = Smallest<int64_t>(cells, "batch_size");
  config.probe_size = Smallest<int64_t>(cells, "probe_size");
  for (const std::string& model : All<std::string>(cells, "model")) {
    config.model = model;
    for (const std::string& stem : All<std::string>(cells, "stem")) {
      config.stem = stem;
      for (const std::string& dataset : All<std::string>(cells, "dataset")) {
        config.dataset = dataset;
        const DatasetInfo info = DatasetOf(config);
        if (info.sizes_known) {
          tell(FindImageMisfit(config, {info.channels, info.height, info.width}));
        }
      }
    }
    for (const std::string& norm : All<std::string>(cells, "norm")) {
      config.norm = norm;
      for (const std::string& statistics : All<std::string>(cells, "norm_statistics")) {
        config.norm_statistics = statistics;
        tell(FindBatchMisfit(config));
      }
    }
  }
}

}  // namespace firstguess
