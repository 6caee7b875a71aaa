#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/spec/losses.h"
#include "worker/trainer/losses/active_negative.h"
#include "worker/trainer/losses/asymmetric.h"
#include "worker/trainer/losses/blurry.h"
#include "worker/trainer/losses/brier.h"
#include "worker/trainer/losses/cross_entropy.h"
#include "worker/trainer/losses/focal.h"
#include "worker/trainer/losses/generalized_cross_entropy.h"
#include "worker/trainer/losses/label_smoothing.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/losses/normalized.h"
#include "worker/trainer/losses/piecewise_zero.h"
#include "worker/trainer/losses/polynomial.h"
#include "worker/trainer/losses/symmetric.h"
#include "worker/trainer/losses/weighted_sum.h"

namespace firstguess::trainer {
namespace {

using LossPointer = std::unique_ptr<LossFunction>;

// The parameters of a loss that CheckLoss found valid.
class Parameters {
 public:
  explicit Parameters(const Loss& loss) : loss_(loss) {}

  double Number(const char* name) const {
    return std::get<double>(loss_.parameters.find(name)->second);
  }
  ModulatingFactor gradient() const {
    return std::get<std::string>(loss_.parameters.find("gradient")->second) == "full"
               ? ModulatingFactor::kFull
               : ModulatingFactor::kDetached;
  }

 private:
  const Loss& loss_;
};

// alpha NCE + beta `other`.
LossPointer ActivePassive(const Parameters& p, LossPointer other) {
  std::vector<WeightedSumTerm> terms;
  terms.push_back({p.Number("alpha"), MakeNormalized(MakeCrossEntropy())});
  terms.push_back({p.Number("beta"), std::move(other)});
  return MakeWeightedSum(std::move(terms));
}

LossPointer SymmetricCrossEntropy(const Parameters& p) {
  std::vector<WeightedSumTerm> terms;
  terms.push_back({p.Number("alpha"), MakeCrossEntropy()});
  terms.push_back({p.Number("beta"), MakeReverseCrossEntropy(p.Number("A"))});
  return MakeWeightedSum(std::move(terms));
}

struct Maker {
  const char* loss;
  LossPointer (*make)(const Parameters& p);
};

constexpr Maker kMakers[] = {
    {"cross_entropy", [](const Parameters&) -> LossPointer { return MakeCrossEntropy(); }},
    {"blurry",
     [](const Parameters& p) -> LossPointer {
       return MakeBlurry(p.Number("gamma"), p.gradient());
     }},
    {"piecewise_zero",
     [](const Parameters& p) -> LossPointer {
       return MakePiecewiseZero(p.Number("cutoff"), MakeCrossEntropy());
     }},
    {"blurry_piecewise_zero",
     [](const Parameters& p) -> LossPointer {
       return MakePiecewiseZero(p.Number("cutoff"), MakeBlurry(p.Number("gamma"), p.gradient()));
     }},
    {"label_smoothing",
     [](const Parameters& p) { return MakeLabelSmoothing(p.Number("epsilon")); }},
    {"focal",
     [](const Parameters& p) -> LossPointer { return MakeFocal(p.Number("gamma"), p.gradient()); }},
    {"mae",
     [](const Parameters& p) -> LossPointer { return MakeMeanAbsoluteError(p.Number("scale")); }},
    {"gce",
     [](const Parameters& p) -> LossPointer { return MakeGeneralizedCrossEntropy(p.Number("q")); }},
    {"truncated_gce",
     [](const Parameters& p) -> LossPointer {
       return MakeTruncatedGeneralizedCrossEntropy(p.Number("q"), p.Number("k"));
     }},
    {"rce",
     [](const Parameters& p) -> LossPointer { return MakeReverseCrossEntropy(p.Number("A")); }},
    {"sce", SymmetricCrossEntropy},
    {"nce",
     [](const Parameters& p) {
       std::vector<WeightedSumTerm> terms;
       terms.push_back({p.Number("scale"), MakeNormalized(MakeCrossEntropy())});
       return MakeWeightedSum(std::move(terms));
     }},
    {"nce_mae", [](const Parameters& p) { return ActivePassive(p, MakeMeanAbsoluteError(1)); }},
    {"nce_rce",
     [](const Parameters& p) { return ActivePassive(p, MakeReverseCrossEntropy(p.Number("A"))); }},
    {"nfl",
     [](const Parameters& p) {
       return MakeNormalized(MakeFocal(p.Number("gamma"), p.gradient()));
     }},
    {"ngce",
     [](const Parameters& p) {
       return MakeNormalized(MakeGeneralizedCrossEntropy(p.Number("q")));
     }},
    {"anl_ce",
     [](const Parameters& p) {
       return MakeActiveNegative({.alpha = p.Number("alpha"),
                                  .beta = p.Number("beta"),
                                  .delta = p.Number("delta"),
                                  .min_prob = p.Number("min_prob")});
     }},
    {"agce", [](const Parameters& p) { return MakeAsymmetricGce(p.Number("a"), p.Number("q")); }},
    {"aul",
     [](const Parameters& p) { return MakeAsymmetricUnhinged(p.Number("a"), p.Number("q")); }},
    {"ael", [](const Parameters& p) { return MakeAsymmetricExponential(p.Number("a")); }},
    {"taylor_ce",
     [](const Parameters& p) { return MakeTaylorCrossEntropy(static_cast<int>(p.Number("t"))); }},
    {"poly1", [](const Parameters& p) { return MakePoly1(p.Number("epsilon")); }},
    {"brier", [](const Parameters&) { return MakeBrier(); }},
};

}  // namespace

absl::StatusOr<LossPointer> MakeLoss(const Loss& loss) {
  if (absl::Status status = CheckLoss(loss); !status.ok()) return status;
  for (const Maker& maker : kMakers) {
    if (loss.name == maker.loss) return maker.make(Parameters(loss));
  }
  return absl::InvalidArgumentError(absl::StrCat("this trainer lacks loss ", loss.name));
}

}  // namespace firstguess::trainer
