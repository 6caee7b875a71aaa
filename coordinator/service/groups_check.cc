#include "coordinator/service/groups_check.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/confusion_steps.h"
#include "common/spec/list_fields.h"

namespace firstguess {
namespace {

constexpr size_t kMostLayers = 1000;
constexpr size_t kLongestLayerName = 256;  // of a layer
// Sums in floating point end a little beside the whole numbers.
constexpr double kRounding = 1e-6;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <typename... Words>
absl::Status WrongGroup(const Words&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

// A group that is there though it was not asked for, or the other way round.
absl::Status CheckPresence(absl::string_view group, bool asked_for, bool there) {
  if (asked_for == there) return absl::OkStatus();
  return WrongGroup("group ", group, asked_for ? " is missing" : " was not asked for");
}

// NaN is no number outside.
absl::Status CheckRange(absl::string_view what, double value, double from, double to) {
  if (!(value < from) && !(value > to)) return absl::OkStatus();
  return WrongGroup(what, " ", value);
}

absl::Status CheckLogits(const Snapshot& snapshot, size_t classes) {
  for (const size_t length : {snapshot.logit_mean.size(), snapshot.logit_variance.size()}) {
    if (length != classes)
      return WrongGroup("group logits has ", length, " of ", classes, " classes");
  }
  for (const double variance : snapshot.logit_variance) {
    if (variance < 0) return WrongGroup("logit_variance ", variance);
  }
  return absl::OkStatus();
}

// A confusion matrix adds up to what the snapshot says of each class.
absl::Status CheckConfusion(const Snapshot& snapshot, const std::vector<int64_t>& support) {
  const auto classes = static_cast<int64_t>(support.size());
  std::vector<int64_t> labels(support.size()), guesses(support.size()), correct(support.size());
  const int64_t examples = std::accumulate(support.begin(), support.end(), int64_t{0});
  std::pair<int64_t, int64_t> before = {-1, -1};
  for (const ConfusionCount& entry : snapshot.confusion) {
    const auto& [label, guess, count] = entry;
    if (label < 0 || label >= classes || guess < 0 || guess >= classes || count < 1 ||
        count > examples) {
      return WrongGroup("confusion of label ", label, ", guess ", guess, ": ", count);
    }
    if (std::pair(label, guess) <= before) {
      return WrongGroup("confusion of label ", label, ", guess ", guess, " is out of order");
    }
    before = {label, guess};
    labels[static_cast<size_t>(label)] += count;
    guesses[static_cast<size_t>(guess)] += count;
    if (label == guess) correct[static_cast<size_t>(label)] = count;
  }
  if (labels != support || guesses != snapshot.guess_count || correct != snapshot.correct_count) {
    return WrongGroup("confusion does not add up to support, guess_count and correct_count");
  }
  return absl::OkStatus();
}

absl::Status CheckLayers(const TrialConfig& config, const std::vector<LayerState>& layers,
                         const std::vector<LayerState>& at_first) {
  if (layers.size() > kMostLayers || layers.size() != at_first.size() ||
      (config.model == "mlp" && static_cast<int64_t>(layers.size()) != config.depth + 1)) {
    return WrongGroup("group layers has ", layers.size(), " layers");
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    const LayerState& layer = layers[i];
    if (layer.name.size() > kLongestLayerName || layer.name != at_first[i].name) {
      return WrongGroup("layer ", i, " has another name than at step 0, or one of more than ",
                        kLongestLayerName, " bytes");
    }
    absl::Status status = CheckRange("dead_fraction", layer.dead_fraction, 0, 1);
    for (const double cosine : {layer.correlation, layer.cosine_to_init}) {
      status.Update(CheckRange("cosine", cosine, -1 - kRounding, 1 + kRounding));
    }
    for (const double length : {layer.pre_variance, layer.drift_ratio, layer.grad_norm,
                                layer.weight_norm, layer.distance_to_init}) {
      status.Update(CheckRange("variance or norm", length, 0, kInfinity));
    }
    if (!status.ok()) return WrongGroup("layer ", i, ": ", status.message());
  }
  return absl::OkStatus();
}

absl::Status CheckNoise(const TrialConfig& config, const NoiseState& noise) {
  if (noise.clean_examples < 0 || noise.clean_examples > config.probe_size ||
      noise.corrupted_examples < 0 || noise.corrupted_examples > config.probe_size ||
      noise.clean_examples + noise.corrupted_examples > config.probe_size ||
      noise.clean_examples + noise.corrupted_examples == 0 ||
      (config.label_noise == 0 && noise.corrupted_examples > 0)) {
    return WrongGroup("group noise has ", noise.clean_examples, " clean and ",
                      noise.corrupted_examples, " corrupted examples");
  }
  for (const double share :
       {noise.kept_clean, noise.kept_corrupted, noise.accuracy_given, noise.accuracy_true}) {
    if (absl::Status status = CheckRange("group noise has a share of", share, 0, 1); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSharpness(const TrialConfig& config, const SharpnessState& sharpness) {
  if (sharpness.iterations < 1 || sharpness.iterations > config.sharpness_iterations) {
    return WrongGroup("group sharpness has ", sharpness.iterations, " iterations");
  }
  return CheckRange("group sharpness has a residual of", sharpness.residual, 0, kInfinity);
}

absl::Status CheckSnapshot(const TrialConfig& config, const Trajectory& trajectory,
                           const Snapshot& snapshot) {
  const bool has_logits = !snapshot.logit_mean.empty() || !snapshot.logit_variance.empty();
  absl::Status status = CheckPresence("logits", HasGroup(config, "logits"), has_logits);
  status.Update(CheckPresence("confusion", HasConfusionAt(config, snapshot.step),
                              !snapshot.confusion.empty()));
  status.Update(CheckPresence("layers", HasGroup(config, "layers"), !snapshot.layers.empty()));
  status.Update(CheckPresence("noise", HasGroup(config, "noise"), snapshot.noise.has_value()));
  status.Update(
      CheckPresence("sharpness", HasGroup(config, "sharpness"), snapshot.sharpness.has_value()));
  if (!status.ok()) return status;
  if (has_logits) status.Update(CheckLogits(snapshot, trajectory.support.size()));
  if (!snapshot.confusion.empty()) status.Update(CheckConfusion(snapshot, trajectory.support));
  if (!snapshot.layers.empty()) {
    status.Update(CheckLayers(config, snapshot.layers, trajectory.snapshots.front().layers));
  }
  if (snapshot.noise.has_value()) status.Update(CheckNoise(config, *snapshot.noise));
  if (snapshot.sharpness.has_value()) status.Update(CheckSharpness(config, *snapshot.sharpness));
  return status;
}

}  // namespace

absl::Status CheckGroups(const TrialConfig& config, const Trajectory& trajectory) {
  for (const Snapshot& snapshot : trajectory.snapshots) {
    const absl::Status status = CheckSnapshot(config, trajectory, snapshot);
    if (!status.ok()) return WrongGroup("step ", snapshot.step, ": ", status.message());
  }
  return absl::OkStatus();
}

}  // namespace firstguess
