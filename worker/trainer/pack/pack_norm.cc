#include "worker/trainer/pack/pack_norm.h"

#include <ATen/ops/addcmul.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include "worker/trainer/pack/aligned.h"

namespace firstguess::trainer {

PackNorm::PackNorm(Normalisation::Kind kind, int64_t networks, int64_t width, int64_t examples,
                   const at::Tensor& scratch)
    : kind_(kind),
      dimension_(kind == Normalisation::Kind::kLayer ? 1 : 2),
      scratch_(scratch),
      normalised_(at::empty({networks * width * Aligned(examples)}, scratch.options())),
      gradient_{at::empty({networks, width, 1}, scratch.options()),
                at::empty({networks, width, 1}, scratch.options())} {
  const int64_t moments = networks * (dimension_ == 1 ? Aligned(examples) : width);
  inverse_deviation_ = at::empty({moments}, scratch.options());
  mean_ = at::empty({moments}, scratch.options());
  if (kind == Normalisation::Kind::kBatch) {
    running_mean_ = at::zeros({networks, width, 1}, scratch.options());
    running_variance_ = at::ones({networks, width, 1}, scratch.options());
  }
}

at::Tensor PackNorm::Moments(const at::Tensor& buffer, const at::Tensor& x) const {
  if (dimension_ == 2) return buffer.narrow(0, 0, x.size(0) * x.size(1)).view({-1, x.size(1), 1});
  const int64_t row = Aligned(x.size(2));
  return buffer.as_strided({x.size(0), 1, x.size(2)}, {row, row, 1});
}

at::Tensor PackNorm::Like(const at::Tensor& x, const at::Tensor& buffer) {
  return buffer.as_strided(x.sizes(), x.strides());
}

void PackNorm::Forward(const PackParameters::Layer& norm, const at::Tensor& x, at::Tensor& y,
                       ForwardMode mode) {
  at::Tensor normalised = Like(x, normalised_);
  at::Tensor inverse_deviation = Moments(inverse_deviation_, x);
  const int64_t networks = x.size(0);
  if (kind_ == Normalisation::Kind::kBatch && mode == ForwardMode::kRunningStatistics) {
    at::sub_out(normalised, x, running_mean_.narrow(0, 0, networks));
    inverse_deviation.copy_(running_variance_.narrow(0, 0, networks));
  } else {
    at::Tensor mean = Moments(mean_, x);
    at::mean_out(mean, x, dimension_, true);
    at::sub_out(normalised, x, mean);
    at::Tensor squares = Like(x, scratch_);
    at::mul_out(squares, normalised, normalised);
    at::mean_out(inverse_deviation, squares, dimension_, true);
    if (kind_ == Normalisation::Kind::kBatch && mode == ForwardMode::kTraining) {
      const auto examples = static_cast<double>(x.size(2));
      running_mean_.narrow(0, 0, networks).mul_(1 - kNormMomentum).add_(mean, kNormMomentum);
      running_variance_.narrow(0, 0, networks)
          .mul_(1 - kNormMomentum)
          .add_(inverse_deviation, kNormMomentum * examples / (examples - 1));
    }
  }
  inverse_deviation.add_(kNormEpsilon).rsqrt_();
  normalised.mul_(inverse_deviation);
  at::addcmul_out(y, norm.bias, normalised, norm.weight);
}

// With n = (x - mean) / deviation and d the gradient into n, that into x is
// (e - mean(e)) / deviation, e = d - n mean(d n); n's own mean is 0.
PackParameters::Layer PackNorm::Backward(const PackParameters::Layer& norm, at::Tensor& delta) {
  const int64_t networks = delta.size(0);
  PackParameters::Layer gradient{gradient_.weight.narrow(0, 0, networks),
                                 gradient_.bias.narrow(0, 0, networks)};
  const at::Tensor normalised = Like(delta, normalised_);
  at::Tensor product = Like(delta, scratch_);
  at::mul_out(product, delta, normalised);
  at::sum_out(gradient.weight, product, 2, true);
  at::sum_out(gradient.bias, delta, 2, true);

  at::Tensor mean = Moments(mean_, delta);
  product.mul_(norm.weight);
  at::mean_out(mean, product, dimension_, true);
  delta.mul_(norm.weight).addcmul_(normalised, mean, -1);
  at::mean_out(mean, delta, dimension_, true);
  delta.sub_(mean).mul_(Moments(inverse_deviation_, delta));
  return gradient;
}

void PackNorm::Copy(int64_t from, int64_t to) {
  if (!running_mean_.defined()) return;
  running_mean_.select(0, to).copy_(running_mean_.select(0, from));
  running_variance_.select(0, to).copy_(running_variance_.select(0, from));
}

std::vector<at::Tensor> PackNorm::RunningMoments(int64_t k) const {
  if (!running_mean_.defined()) return {};
  return {running_mean_.select(0, k), running_variance_.select(0, k)};
}

}  // namespace firstguess::trainer
