#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "worker/trainer/models/layers.h"
#include "worker/trainer/models/parameter.h"

namespace firstguess::trainer {

// A function from inputs to logits, with named parameters. It holds no numbers: those are given to
// Forward, in the order of the lists here. Immutable; thread-safe.
class Model {
 public:
  virtual ~Model() = default;

  const std::vector<ParameterSpec>& parameters() const { return layers_.parameters(); }
  // Two for each batch normalisation; empty without any, and then no example has a part in another
  // one's logits.
  const std::vector<BufferSpec>& buffers() const { return layers_.buffers(); }

  // Logits [B, classes] of `inputs` [B, inputs]. Differentiable in parameters and inputs. In mode
  // kTraining the buffers are changed. `tap`, which may be null, sees every layer on the way.
  at::Tensor Forward(const std::vector<at::Tensor>& parameters,
                     const std::vector<at::Tensor>& buffers, const at::Tensor& inputs,
                     ForwardMode mode, LayerTap* tap) const {
    ForwardPass pass(parameters, buffers, mode, tap);
    return Compute(inputs, pass);
  }

 protected:
  virtual at::Tensor Compute(const at::Tensor& inputs, ForwardPass& pass) const = 0;

  LayerList& layers() { return layers_; }

 private:
  LayerList layers_;
};

}  // namespace firstguess::trainer
