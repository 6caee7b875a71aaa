#include "worker/trainer/pack/pack_loss.h"

#include <ATen/ops/_log_softmax.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/mean.h>

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
  weights_ = at::empty({networks, 1, examples}, options);
  minus_one_ = at::full({1, 1, 1}, -1, options);
  losses_.push_back(MakeCrossEntropy());
  std::map<std::tuple<std::string, std::map<std::string, Loss::Parameter>>, size_t> known;
  for (const TrialConfig& config : configs) {
    const auto [entry, added] =
        known.try_emplace({config.loss.name, config.loss.parameters}, losses_.size());
    if (added) losses_.push_back(*MakeLoss(config.loss));
    slots_.push_back({entry->second, config.loss_delay_steps});
  }
}

void PackLoss::Copy(int64_t from, int64_t to) {
  slots_[static_cast<size_t>(to)] = slots_[static_cast<size_t>(from)];
}

at::Tensor PackLoss::Gradient(int64_t step, const at::Tensor& logits, const at::Tensor& labels,
                              const at::Tensor& scale, at::Tensor& mean) {
  const int64_t networks = logits.size(0);
  at::Tensor log_probs = log_probs_.narrow(0, 0, networks);
  at::Tensor label_log_probs = label_log_probs_.narrow(0, 0, networks);
  at::Tensor weights = weights_.narrow(0, 0, networks);
  const at::Tensor index = labels.expand({networks, 1, logits.size(2)});
  at::_log_softmax_out(log_probs, logits, 1, false);
  at::gather_out(label_log_probs, log_probs, 1, index);

  const auto in_force = [&](int64_t k) {
    const Slot& slot = slots_[static_cast<size_t>(k)];
    return step <= slot.delay ? size_t{0} : slot.loss;
  };
  for (int64_t begin = 0, end = 0; begin < networks; begin = end) {
    while (end < networks && in_force(end) == in_force(begin)) ++end;
    const LossFunction& loss = *losses_[in_force(begin)];
    const at::Tensor segment = label_log_probs.narrow(0, begin, end - begin);
    at::Tensor segment_mean = mean.narrow(0, begin, end - begin);
    at::mean_out(segment_mean, loss.Value(segment).squeeze(1), 1, false, at::kDouble);
    weights.narrow(0, begin, end - begin).copy_(loss.Weight(segment));
  }

  at::Tensor gradient = logits;  // the logits are not needed any more
  at::exp_out(gradient, log_probs);
  gradient.scatter_add_(1, index, minus_one_.expand_as(index));
  return gradient.mul_(weights.mul_(scale));
}

}  // namespace firstguess::trainer
