#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace firstguess {

// The Sobol sequence with the direction numbers of Joe and Kuo (new-joe-kuo-6.21201, S. Joe and
// F. Y. Kuo, SIAM J. Sci. Comput. 30, 2635, 2008), 32 bits, in Gray code order (Antonov and
// Saleev), point 0 (the origin) included: the order of Joe and Kuo's own program and of
// scipy.stats.qmc.Sobol(d, scramble=False, bits=32). Thread-compatible.
class SobolSequence {
 public:
  static constexpr size_t kMostDimensions = 32;

  // REQUIRES: dimensions <= kMostDimensions.
  explicit SobolSequence(size_t dimensions);

  // The coordinates of the current point, times 2^32.
  const std::vector<uint32_t>& point() const { return point_; }
  // To the next one, of 2^32 in all; behind the last one comes the first.
  void Next();

 private:
  std::vector<std::array<uint32_t, 32>> directions_;  // by dimension and bit
  std::vector<uint32_t> point_;
  uint32_t index_ = 0;
};

}  // namespace firstguess
