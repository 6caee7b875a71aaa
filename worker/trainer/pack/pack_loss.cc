#include "worker/trainer/pack/pack_loss.h"

#include <ATen/ops/_log_softmax.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "worker/trainer/losses/cross_entropy.h"

namespace firstguess::trainer {
namespace {

auto SortKey(const TrialConfig& config) {
  return std::tie(config.loss.name, config.loss.parameters, config.loss_delay_steps);
}

}  // namespace

std::vector<size_t> PackLoss::Order(const std::vector<TrialConfig>& configs) {
  std::vector<size_t> order(configs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return SortKey(configs[a]) < SortKey(configs[b]); });
  return order;
}

PackLoss::PackLoss(const std::vector<TrialConfig>& configs, int64_t classes, int64_t examples,
                   at::ScalarType type, const at::Device& device) {
  const auto networks = static_cast<int64_t>(configs.size());
  const auto options = at::TensorOptions().dtype(type).device(device);
  log_probs_ = at::empty({networks, classes, examples}, options);
  label_log_probs_ = at::empty({networks, 1, examples}, options);
  losses_.push_back(MakeCrossEntropy());
  std::vector<double> biases;
  std::map<std::tuple<std::string, std::map<std::string, Loss::Parameter>>, size_t> known;
  for (const TrialConfig& config : configs) {
    const auto [entry, added] =
        known.try_emplace({config.loss.name, config.loss.parameters}, losses_.size());
    if (added) losses_.push_back(*MakeLoss(config.loss));
    slots_.push_back({entry->second, config.loss_delay_steps});
    biases.push_back(config.logit_bias);
  }
  if (std::any_of(biases.begin(), biases.end(), [](double bias) { return bias != 0; })) {
    logit_biases_ = at::tensor(biases).view({networks, 1, 1}).to(device, type);
  }
}

void PackLoss::Copy(int64_t from, int64_t to) {
  slots_[static_cast<size_t>(to)] = slots_[static_cast<size_t>(from)];
  if (logit_biases_.defined()) logit_biases_.select(0, to).copy_(logit_biases_.select(0, from));
}

bool PackLoss::ChangesAt(int64_t step) const {
  for (size_t k = 0; k < slots_.size(); ++k) {
    const auto network = static_cast<int64_t>(k);
    if (InForce(step, network) != InForce(step - 1, network)) return true;
  }
  return false;
}

std::vector<double> PackLoss::L1Penalties(int64_t step) const {
  std::vector<double> penalties;
  bool any = false;
  for (size_t k = 0; k < slots_.size(); ++k) {
    penalties.push_back(losses_[InForce(step, static_cast<int64_t>(k))]->l1_penalty());
    any = any || penalties.back() != 0;
  }
  if (!any) penalties.clear();
  return penalties;
}

at::Tensor PackLoss::Gradient(int64_t step, const at::Tensor& logits, const at::Tensor& labels,
                              const at::Tensor& scale, at::Tensor& mean) {
  const int64_t networks = logits.size(0);
  at::Tensor log_probs = log_probs_.narrow(0, 0, networks);
  at::Tensor label_log_probs = label_log_probs_.narrow(0, 0, networks);
  const at::Tensor index = labels.expand({networks, 1, logits.size(2)});
  if (logit_biases_.defined()) {
    logits.scatter_add_(1, index, logit_biases_.narrow(0, 0, networks).expand(index.sizes()));
  }
  at::_log_softmax_out(log_probs, logits, 1, false);
  at::gather_out(label_log_probs, log_probs, 1, index);

  const at::Tensor& gradient = logits;  // the logits are not needed any more
  for (int64_t begin = 0, end = 0; begin < networks; begin = end) {
    while (end < networks && InForce(step, end) == InForce(step, begin)) ++end;
    const auto segment = [&](const at::Tensor& whole) {
      return whole.narrow(0, begin, end - begin);
    };
    const LossValues values =
        losses_[InForce(step, begin)]->Evaluate({.log_probs = segment(log_probs),
                                                 .labels = segment(index),
                                                 .label_log_probs = segment(label_log_probs)});
    at::Tensor segment_mean = segment(mean);
    at::mean_out(segment_mean, values.value.squeeze(1), 1, false, at::kDouble);
    at::Tensor segment_gradient = segment(gradient);
    at::mul_out(segment_gradient, values.logits_gradient,
                scale.size(0) == 1 ? scale : segment(scale));
  }
  return gradient;
}

}  // namespace firstguess::trainer
