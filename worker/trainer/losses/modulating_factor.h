#pragma once

namespace firstguess::trainer {

// Whether the factor of a modulated cross-entropy, p^gamma or (1 - p)^gamma, is differentiated
// (full) or taken as a constant (detached). Published programs do either.
enum class ModulatingFactor { kDetached, kFull };

}  // namespace firstguess::trainer
