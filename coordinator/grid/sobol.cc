#include "coordinator/grid/sobol.h"

#include <bit>

namespace firstguess {
namespace {

// A primitive polynomial over GF(2) of degree `degree`; `inner` has its coefficients but the first
// and the last. `numbers` are the first direction numbers, as many as the degree.
struct Direction {
  int degree = 0;
  uint32_t inner = 0;
  std::array<uint32_t, 7> numbers = {};
};

// Dimensions 2 to 32; dimension 1 is the van der Corput sequence.
constexpr Direction kDirections[] = {
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
};
static_assert(std::size(kDirections) == SobolSequence::kMostDimensions - 1);

std::array<uint32_t, 32> DirectionsOf(size_t dimension) {
  std::array<uint32_t, 32> directions = {};
  if (dimension == 0) {
    for (size_t bit = 0; bit < 32; ++bit) directions[bit] = uint32_t{1} << (31 - bit);
    return directions;
  }
  const Direction& given = kDirections[dimension - 1];
  const auto degree = static_cast<size_t>(given.degree);
  for (size_t bit = 0; bit < degree; ++bit) directions[bit] = given.numbers[bit] << (31 - bit);
  for (size_t bit = degree; bit < 32; ++bit) {
    directions[bit] = directions[bit - degree] ^ (directions[bit - degree] >> degree);
    for (size_t k = 1; k < degree; ++k) {
      if ((given.inner >> (degree - 1 - k) & 1) != 0) directions[bit] ^= directions[bit - k];
    }
  }
  return directions;
}

}  // namespace

SobolSequence::SobolSequence(size_t dimensions) : point_(dimensions, 0) {
  for (size_t i = 0; i < dimensions; ++i) directions_.push_back(DirectionsOf(i));
}

void SobolSequence::Next() {
  const auto bit = static_cast<size_t>(std::countr_one(index_));
  ++index_;
  if (bit == 32) {
    point_.assign(point_.size(), 0);
    return;
  }
  for (size_t i = 0; i < point_.size(); ++i) point_[i] ^= directions_[i][bit];
}

}  // namespace firstguess
