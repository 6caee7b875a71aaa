#include "common/wire/groups_wire.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/wire/scalars.h"

namespace firstguess {
namespace {

constexpr Scalar<LayerState, v1::Layer> kLayer[] = {
    {&LayerState::pre_mean, &v1::Layer::has_pre_mean, &v1::Layer::pre_mean,
     &v1::Layer::set_pre_mean},
    {&LayerState::pre_variance, &v1::Layer::has_pre_variance, &v1::Layer::pre_variance,
     &v1::Layer::set_pre_variance},
    {&LayerState::correlation, &v1::Layer::has_correlation, &v1::Layer::correlation,
     &v1::Layer::set_correlation},
    {&LayerState::drift_ratio, &v1::Layer::has_drift_ratio, &v1::Layer::drift_ratio,
     &v1::Layer::set_drift_ratio},
    {&LayerState::dead_fraction, &v1::Layer::has_dead_fraction, &v1::Layer::dead_fraction,
     &v1::Layer::set_dead_fraction},
    {&LayerState::grad_norm, &v1::Layer::has_grad_norm, &v1::Layer::grad_norm,
     &v1::Layer::set_grad_norm},
    {&LayerState::weight_norm, &v1::Layer::has_weight_norm, &v1::Layer::weight_norm,
     &v1::Layer::set_weight_norm},
    {&LayerState::distance_to_init, &v1::Layer::has_distance_to_init, &v1::Layer::distance_to_init,
     &v1::Layer::set_distance_to_init},
    {&LayerState::cosine_to_init, &v1::Layer::has_cosine_to_init, &v1::Layer::cosine_to_init,
     &v1::Layer::set_cosine_to_init},
};

constexpr Scalar<NoiseState, v1::Noise> kNoise[] = {
    {&NoiseState::kept_clean, &v1::Noise::has_kept_clean, &v1::Noise::kept_clean,
     &v1::Noise::set_kept_clean},
    {&NoiseState::kept_corrupted, &v1::Noise::has_kept_corrupted, &v1::Noise::kept_corrupted,
     &v1::Noise::set_kept_corrupted},
    {&NoiseState::weight_clean, &v1::Noise::has_weight_clean, &v1::Noise::weight_clean,
     &v1::Noise::set_weight_clean},
    {&NoiseState::weight_corrupted, &v1::Noise::has_weight_corrupted, &v1::Noise::weight_corrupted,
     &v1::Noise::set_weight_corrupted},
    {&NoiseState::accuracy_given, &v1::Noise::has_accuracy_given, &v1::Noise::accuracy_given,
     &v1::Noise::set_accuracy_given},
    {&NoiseState::accuracy_true, &v1::Noise::has_accuracy_true, &v1::Noise::accuracy_true,
     &v1::Noise::set_accuracy_true},
};

constexpr Scalar<SharpnessState, v1::Sharpness> kSharpness[] = {
    {&SharpnessState::sharpness, &v1::Sharpness::has_sharpness, &v1::Sharpness::sharpness,
     &v1::Sharpness::set_sharpness},
    {&SharpnessState::residual, &v1::Sharpness::has_residual, &v1::Sharpness::residual,
     &v1::Sharpness::set_residual},
};

}  // namespace

void GroupsToProto(const Snapshot& snapshot, v1::Snapshot& message) {
  message.mutable_logit_mean()->Add(snapshot.logit_mean.begin(), snapshot.logit_mean.end());
  message.mutable_logit_variance()->Add(snapshot.logit_variance.begin(),
                                        snapshot.logit_variance.end());
  for (const ConfusionCount& entry : snapshot.confusion) {
    v1::Confusion& confusion = *message.mutable_confusion();
    confusion.add_label(entry.label);
    confusion.add_guess(entry.guess);
    confusion.add_count(entry.count);
  }
  for (const LayerState& layer : snapshot.layers) {
    v1::Layer& one = *message.add_layers();
    one.set_name(layer.name);
    ScalarsToProto(kLayer, layer, one);
  }
  if (snapshot.noise.has_value()) {
    v1::Noise& noise = *message.mutable_noise();
    noise.set_clean_examples(snapshot.noise->clean_examples);
    noise.set_corrupted_examples(snapshot.noise->corrupted_examples);
    ScalarsToProto(kNoise, *snapshot.noise, noise);
  }
  if (snapshot.sharpness.has_value()) {
    v1::Sharpness& sharpness = *message.mutable_sharpness();
    sharpness.set_iterations(snapshot.sharpness->iterations);
    ScalarsToProto(kSharpness, *snapshot.sharpness, sharpness);
  }
}

void GroupsFromProto(const v1::Snapshot& message, Snapshot& snapshot) {
  snapshot.logit_mean.assign(message.logit_mean().begin(), message.logit_mean().end());
  snapshot.logit_variance.assign(message.logit_variance().begin(), message.logit_variance().end());
  const v1::Confusion& confusion = message.confusion();
  snapshot.confusion.reserve(static_cast<size_t>(confusion.label_size()));
  for (int i = 0; i < confusion.label_size(); ++i) {
    snapshot.confusion.push_back({confusion.label(i), confusion.guess(i), confusion.count(i)});
  }
  for (const v1::Layer& one : message.layers()) {
    LayerState& layer = snapshot.layers.emplace_back();
    layer.name = one.name();
    ScalarsFromProto(kLayer, one, layer);
  }
  if (message.has_noise()) {
    NoiseState& noise = snapshot.noise.emplace();
    noise.clean_examples = message.noise().clean_examples();
    noise.corrupted_examples = message.noise().corrupted_examples();
    ScalarsFromProto(kNoise, message.noise(), noise);
  }
  if (message.has_sharpness()) {
    SharpnessState& sharpness = snapshot.sharpness.emplace();
    sharpness.iterations = message.sharpness().iterations();
    ScalarsFromProto(kSharpness, message.sharpness(), sharpness);
  }
}

absl::Status CheckGroups(const v1::Snapshot& message) {
  const v1::Confusion& confusion = message.confusion();
  for (const auto& [name, length] :
       {std::pair("guess", confusion.guess_size()), std::pair("count", confusion.count_size())}) {
    if (length == confusion.label_size()) continue;
    return absl::InvalidArgumentError(absl::StrCat("confusion has ", confusion.label_size(),
                                                   " labels and ", length, " of ", name));
  }
  return absl::OkStatus();
}

}  // namespace firstguess
