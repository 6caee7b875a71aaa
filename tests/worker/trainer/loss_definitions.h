#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "common/spec/trial.h"

namespace firstguess::trainer {

// The losses once more, as they are defined: probabilities, powers and logarithms in long double,
// without any care for extreme logits.
class LossDefinition {
 public:
  using Real = long double;
  using Logits = std::vector<Real>;

  // Factors that count as constants are taken at `frozen`.
  LossDefinition(const Loss& loss, const Logits& frozen, size_t target)
      : loss_(loss), frozen_(Softmax(frozen)), target_(target) {}

  Real Value(const Logits& z) const {
    const Logits p = Softmax(z);
    const auto classes = static_cast<Real>(p.size());
    const Real py = p[target_];
    const std::string& name = loss_.name;
    if (name == "cross_entropy") return -std::log(py);
    if (name == "blurry") return Blurry(p);
    if (name == "piecewise_zero") return Kept() ? -std::log(py) : 0;
    if (name == "blurry_piecewise_zero") return Kept() ? Blurry(p) : 0;
    if (name == "label_smoothing") {
      Real sum = 0;
      for (size_t k = 0; k < p.size(); ++k) {
        const Real target = (k == target_ ? 1 - Get("epsilon") : 0) + Get("epsilon") / classes;
        sum -= target * std::log(p[k]);
      }
      return sum;
    }
    if (name == "focal") return Focal(p, target_);
    if (name == "mae") return Get("scale") * (1 - py);
    if (name == "gce") return Gce(py);
    if (name == "truncated_gce") return frozen_[target_] > Get("k") ? Gce(py) : Gce(Get("k"));
    if (name == "rce") return -Get("A") * (1 - py);
    if (name == "sce") return -Get("alpha") * std::log(py) - Get("beta") * Get("A") * (1 - py);
    if (name == "nce") return Get("scale") * Nce(p);
    if (name == "nce_mae") return Get("alpha") * Nce(p) + Get("beta") * (1 - py);
    if (name == "nce_rce") return Get("alpha") * Nce(p) - Get("beta") * Get("A") * (1 - py);
    if (name == "nfl") return Share(p, [&](size_t k) { return Focal(p, k); });
    if (name == "ngce") return Share(p, [&](size_t k) { return Gce(p[k]); });
    if (name == "anl_ce") {
      const Real negative =
          1 - Share(p, [&](size_t k) {
            return std::log(std::max(p[k], Get("min_prob"))) - std::log(Get("min_prob"));
          });
      return Get("alpha") * Nce(p) + Get("beta") * negative;
    }
    if (name == "agce") {
      return (std::pow(Get("a") + 1, Get("q")) - std::pow(Get("a") + py, Get("q"))) / Get("q");
    }
    if (name == "aul") {
      return (std::pow(Get("a") - py, Get("q")) - std::pow(Get("a") - 1, Get("q"))) / Get("q");
    }
    if (name == "ael") return std::exp(-py / Get("a"));
    if (name == "taylor_ce") {
      Real sum = 0;
      for (int i = 1; i <= static_cast<int>(Get("t")); ++i) sum += std::pow(1 - py, i) / i;
      return sum;
    }
    if (name == "poly1") return -std::log(py) + Get("epsilon") * (1 - py);
    if (name == "brier") {
      Real sum = 0;
      for (size_t k = 0; k < p.size(); ++k) {
        const Real difference = p[k] - (k == target_ ? 1 : 0);
        sum += difference * difference;
      }
      return sum;
    }
    return NAN;
  }

  // dL/dz by central differences of sixth order: exact to about 1e-15 for smooth losses.
  Logits Gradient(const Logits& z) const {
    constexpr Real kStep = 2e-3L;
    Logits gradient(z.size());
    for (size_t j = 0; j < z.size(); ++j) {
      const auto at = [&](int steps) {
        Logits moved = z;
        moved[j] += steps * kStep;
        return Value(moved);
      };
      gradient[j] =
          (45 * (at(1) - at(-1)) - 9 * (at(2) - at(-2)) + (at(3) - at(-3))) / (60 * kStep);
    }
    return gradient;
  }

 private:
  static Logits Softmax(const Logits& z) {
    Logits p;
    Real sum = 0;
    for (const Real logit : z) sum += std::exp(logit);
    for (const Real logit : z) p.push_back(std::exp(logit) / sum);
    return p;
  }

  Real Get(const std::string& parameter) const {
    return std::get<double>(loss_.parameters.at(parameter));
  }
  // The probabilities that a modulating factor is made of.
  const Logits& Modulating(const Logits& p) const {
    return std::get<std::string>(loss_.parameters.at("gradient")) == "full" ? p : frozen_;
  }
  bool Kept() const { return frozen_[target_] >= Get("cutoff"); }
  Real Blurry(const Logits& p) const {
    return -std::pow(Modulating(p)[target_], Get("gamma")) * std::log(p[target_]);
  }
  Real Focal(const Logits& p, size_t k) const {
    return -std::pow(1 - Modulating(p)[k], Get("gamma")) * std::log(p[k]);
  }
  Real Gce(Real p) const { return (1 - std::pow(p, Get("q"))) / Get("q"); }
  Real Share(const Logits& p, const std::function<Real(size_t)>& of_class) const {
    Real sum = 0;
    for (size_t k = 0; k < p.size(); ++k) sum += of_class(k);
    return of_class(target_) / sum;
  }
  Real Nce(const Logits& p) const {
    return Share(p, [&](size_t k) { return std::log(p[k]); });
  }

  const Loss& loss_;
  const Logits frozen_;
  const size_t target_;
};

}  // namespace firstguess::trainer
