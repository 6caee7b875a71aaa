#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "worker/trainer/models/activation.h"
#include "worker/trainer/models/layer_tap.h"
#include "worker/trainer/models/parameter.h"

namespace firstguess::trainer {

// What batch normalisation takes for the moments of its inputs. Other layers are the same in all.
enum class ForwardMode {
  kTraining,           // those of the batch, and moves the running ones towards them
  kBatchStatistics,    // those of the batch
  kRunningStatistics,  // the running ones
};

// Layers refer to a model's parameters and buffers by their place in its lists.

struct LinearLayer {
  std::string name;
  size_t weight = 0;  // (out, in)
  size_t bias = 0;
};

struct ConvolutionLayer {
  std::string name;
  size_t weight = 0;           // (out, in, kernel, kernel)
  std::optional<size_t> bias;  // (out)
  int64_t stride = 1;
  int64_t padding = 0;
};

// Of normalisations: what is added to a variance, and how far running moments move to the batch's.
inline constexpr double kNormEpsilon = 1e-5;
inline constexpr double kNormMomentum = 0.1;

// Per channel over batch and places (torch.nn.BatchNorm1d and 2d), or per example over all but the
// batch (torch.nn.LayerNorm).
struct NormLayer {
  std::vector<int64_t> shape;  // of scale and shift
  size_t scale = 0;
  size_t shift = 0;
  std::optional<size_t> running_mean;  // of batch normalisation; running_var is the next one
};

// The parameters and buffers of a model, as its layers are added one by one: `name` is the module's
// in PyTorch.
class LayerList {
 public:
  const std::vector<ParameterSpec>& parameters() const { return parameters_; }
  const std::vector<BufferSpec>& buffers() const { return buffers_; }

  LinearLayer AddLinear(const std::string& name, int64_t in, int64_t out, bool is_readout);
  // Square kernel of odd size, padded so that stride 1 keeps height and width.
  ConvolutionLayer AddConvolution(const std::string& name, int64_t in, int64_t out, int64_t kernel,
                                  int64_t stride, bool has_bias);
  NormLayer AddBatchNorm(const std::string& name, int64_t channels);
  NormLayer AddLayerNorm(const std::string& name, std::vector<int64_t> shape);

 private:
  NormLayer AddScaleAndShift(const std::string& name, std::vector<int64_t> shape);

  std::vector<ParameterSpec> parameters_;
  std::vector<BufferSpec> buffers_;
};

// Applies layers to one batch after another's output. Refers to its arguments, which must outlive
// it.
class ForwardPass {
 public:
  ForwardPass(const std::vector<at::Tensor>& parameters, const std::vector<at::Tensor>& buffers,
              ForwardMode mode, LayerTap* tap)
      : parameters_(parameters), buffers_(buffers), mode_(mode), tap_(tap) {}

  at::Tensor Apply(const LinearLayer& layer, const at::Tensor& x) const;
  at::Tensor Apply(const ConvolutionLayer& layer, const at::Tensor& x) const;
  at::Tensor Apply(const NormLayer& layer, const at::Tensor& x) const;

  // The activation, at the end of the layer whose weights are <name>.weight; shows it to the tap.
  at::Tensor ActivateLayer(const std::string& name, const at::Tensor& x, Activation activation);
  // `layer`'s logits; shows them to the tap.
  at::Tensor ReadOut(const LinearLayer& layer, const at::Tensor& x);

 private:
  const std::vector<at::Tensor>& parameters_;
  const std::vector<at::Tensor>& buffers_;
  const ForwardMode mode_;
  LayerTap* const tap_;
  int64_t layer_ = 0;  // of the next call of tap_
};

}  // namespace firstguess::trainer
