#pragma once

#include <memory>

#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Cross-entropy, the reference of all others:
//
//   L = -ln p,    w(p) = 1.
std::unique_ptr<LabelLoss> MakeCrossEntropy();

}  // namespace firstguess::trainer
