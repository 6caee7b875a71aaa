#pragma once

#include <cstdint>

namespace firstguess::trainer {

// `elements` up to the next 64-byte boundary, for elements of 4 bytes or more.
constexpr int64_t Aligned(int64_t elements) { return (elements + 15) / 16 * 16; }

}  // namespace firstguess::trainer
