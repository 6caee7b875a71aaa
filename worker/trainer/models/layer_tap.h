#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "absl/strings/string_view.h"

namespace firstguess::trainer {

// Looks at a forward pass from inside. Thread-compatible.
class LayerTap {
 public:
  virtual ~LayerTap() = default;

  // Called once for each hidden layer, `layer` = 0, 1, …, and then for the read-out. `name` is the
  // module whose weights the layer has: <name>.weight is a parameter. What the activation function
  // gets and gives, [B, units] or [B, channels, height, width]: a norm "before" is part of
  // `pre_activation`; a norm "after" and pooling come later and are in neither. In a resnet, the
  // last layer of a block adds the shortcut before its activation. Of the read-out both are the
  // logits.
  virtual void OnLayer(int64_t layer, absl::string_view name, const at::Tensor& pre_activation,
                       const at::Tensor& activation) = 0;
};

}  // namespace firstguess::trainer
