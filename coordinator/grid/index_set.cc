#include "coordinator/grid/index_set.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "absl/container/flat_hash_set.h"

namespace firstguess {
namespace {

// Products of two 64-bit numbers.
__extension__ using Wide = __int128;

// x with a * x = gcd(a, m) modulo m, by Euclid's extended algorithm.
Wide Coefficient(Wide a, Wide m) {
  Wide x = 1;
  Wide next_x = 0;
  while (m != 0) {
    const Wide quotient = a / m;
    a = std::exchange(m, a - quotient * m);
    x = std::exchange(next_x, x - quotient * next_x);
  }
  return x;
}

Wide Modulo(Wide a, Wide m) { return (a % m + m) % m; }

Wide Last(const Column::Range& range) {
  return range.first + static_cast<Wide>(range.step) * static_cast<Wide>(range.count - 1);
}

}  // namespace

Column::Range Intersect(const Column::Range& left, const Column::Range& right) {
  if (left.count == 0 || right.count == 0) return {};
  const int64_t divisor = std::gcd(left.step, right.step);
  const Wide distance = static_cast<Wide>(right.first) - left.first;
  if (distance % divisor != 0) return {};
  // left.first + k * left.step is on the right too when k * left.step = distance, modulo
  // right.step.
  const Wide modulus = right.step / divisor;
  const Wide k = Modulo(
      Modulo(distance / divisor, modulus) * Modulo(Coefficient(left.step, right.step), modulus),
      modulus);
  const Wide step = static_cast<Wide>(left.step) * modulus;
  Wide first = left.first + k * left.step;
  if (first < right.first) first += (right.first - first + step - 1) / step * step;
  const Wide last = std::min(Last(left), Last(right));
  if (first > last) return {};
  const Wide count = (last - first) / step + 1;
  // A single one needs no step, and the step may not fit.
  return {.first = static_cast<int64_t>(first),
          .step = count == 1 ? 1 : static_cast<int64_t>(step),
          .count = static_cast<uint64_t>(count)};
}

IndexSet IndexSet::All(uint64_t size) {
  return IndexSet(Steps{.first = 0, .step = 1, .count = size});
}

uint64_t IndexSet::size() const {
  if (const Steps* steps = std::get_if<Steps>(&indices_)) return steps->count;
  return std::get<std::vector<uint64_t>>(indices_).size();
}

uint64_t IndexSet::at(uint64_t rank) const {
  if (const Steps* steps = std::get_if<Steps>(&indices_)) {
    return static_cast<uint64_t>(steps->first) + rank * static_cast<uint64_t>(steps->step);
  }
  return std::get<std::vector<uint64_t>>(indices_)[rank];
}

uint64_t IndexSet::CountBelow(uint64_t index) const {
  if (const Steps* steps = std::get_if<Steps>(&indices_)) {
    const auto first = static_cast<uint64_t>(steps->first);
    if (index <= first) return 0;
    const auto step = static_cast<uint64_t>(steps->step);
    return std::min(steps->count, (index - first - 1) / step + 1);
  }
  const auto& listed = std::get<std::vector<uint64_t>>(indices_);
  return static_cast<uint64_t>(std::lower_bound(listed.begin(), listed.end(), index) -
                               listed.begin());
}

bool IndexSet::Contains(uint64_t index) const {
  const uint64_t below = CountBelow(index);
  return below < size() && at(below) == index;
}

IndexSet IndexSet::Intersect(const IndexSet& other) const {
  const Steps* steps = std::get_if<Steps>(&indices_);
  const Steps* other_steps = std::get_if<Steps>(&other.indices_);
  if (steps != nullptr && other_steps != nullptr) {
    return IndexSet(firstguess::Intersect(*steps, *other_steps));
  }
  if (steps != nullptr) return other.Intersect(*this);
  std::vector<uint64_t> both;
  for (const uint64_t index : std::get<std::vector<uint64_t>>(indices_)) {
    if (other.Contains(index)) both.push_back(index);
  }
  return IndexSet(std::move(both));
}

IndexSet SharedPositions(const Column& column, const Column& other) {
  if (column.range() != nullptr && other.range() != nullptr) {
    const Column::Range& range = *column.range();
    const Column::Range shared = Intersect(range, *other.range());
    if (shared.count == 0) return IndexSet();
    return IndexSet(IndexSet::Steps{.first = (shared.first - range.first) / range.step,
                                    .step = std::max<int64_t>(1, shared.step / range.step),
                                    .count = shared.count});
  }
  std::vector<uint64_t> shared;
  if (column.range() != nullptr) {
    for (uint64_t i = 0; i < other.size(); ++i) {
      if (const auto position = column.Find(other.at(i))) shared.push_back(*position);
    }
    std::sort(shared.begin(), shared.end());
    return IndexSet(std::move(shared));
  }
  // Values of one field are told apart by their texts.
  absl::flat_hash_set<std::string> listed;
  if (other.range() == nullptr) {
    for (uint64_t i = 0; i < other.size(); ++i) listed.insert(ToText(other.at(i)));
  }
  for (uint64_t i = 0; i < column.size(); ++i) {
    const FieldValue value = column.at(i);
    if (other.range() != nullptr ? other.Find(value).has_value() : listed.contains(ToText(value))) {
      shared.push_back(i);
    }
  }
  return IndexSet(std::move(shared));
}

}  // namespace firstguess
