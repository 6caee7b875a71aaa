#include "worker/trainer/losses/loss.h"

#include <ATen/ops/exp.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/log_softmax.h>

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/spec/losses.h"
#include "worker/trainer/losses/blurry.h"
#include "worker/trainer/losses/cross_entropy.h"
#include "worker/trainer/losses/piecewise_zero.h"

namespace firstguess::trainer {

absl::StatusOr<std::unique_ptr<LossFunction>> MakeLoss(const Loss& loss) {
  if (absl::Status status = CheckLoss(loss); !status.ok()) return status;
  const auto number = [&](const char* name) {
    return std::get<double>(loss.parameters.find(name)->second);
  };
  const auto word = [&](const char* name) {
    return std::get<std::string>(loss.parameters.find(name)->second);
  };
  if (loss.name == "cross_entropy") return MakeCrossEntropy();
  if (loss.name == "blurry") {
    return MakeBlurry(number("gamma"), word("gradient") == "full" ? BlurryGradient::kFull
                                                                  : BlurryGradient::kDetached);
  }
  if (loss.name == "piecewise_zero") return MakePiecewiseZero(number("cutoff"));
  return absl::InvalidArgumentError(absl::StrCat("this trainer lacks loss ", loss.name));
}

BatchLoss EvaluateBatch(const LossFunction& loss, const at::Tensor& logits,
                        const at::Tensor& labels) {
  const at::Tensor log_probs = at::log_softmax(logits, 1);
  const at::Tensor index = labels.unsqueeze(1);
  const at::Tensor label_log_prob = log_probs.gather(1, index);  // [B, 1]

  BatchLoss result;
  result.mean = loss.Value(label_log_prob).mean(at::kDouble).item<double>();
  const at::Tensor weight = loss.Weight(label_log_prob).div(static_cast<double>(logits.size(0)));
  result.logits_gradient =
      at::exp(log_probs).scatter_add_(1, index, at::full_like(label_log_prob, -1)).mul_(weight);
  return result;
}

}  // namespace firstguess::trainer
