#include "coordinator/grid/cell_set.h"

#include <algorithm>
#include <utility>

namespace firstguess {
namespace {

uint64_t CountBelow(const std::vector<uint64_t>& ascending, uint64_t number) {
  return static_cast<uint64_t>(std::lower_bound(ascending.begin(), ascending.end(), number) -
                               ascending.begin());
}

std::vector<uint64_t> RanksOf(const std::vector<uint64_t>& positions, const RunProduct& product) {
  std::vector<uint64_t> ranks;
  ranks.reserve(positions.size());
  for (const uint64_t position : positions) ranks.push_back(product.CountBefore(position));
  return ranks;
}

}  // namespace

CellSet::CellSet(std::shared_ptr<const RunProduct> product, const std::vector<uint64_t>& removed)
    : product_(std::move(product)),
      listed_(std::make_shared<const std::vector<uint64_t>>(RanksOf(removed, *product_))) {}

CellSet::CellSet(std::vector<uint64_t> listed)
    : listed_(std::make_shared<const std::vector<uint64_t>>(std::move(listed))) {}

uint64_t CellSet::size() const {
  return product_ == nullptr ? listed_->size() : product_->size() - listed_->size();
}

bool CellSet::Contains(uint64_t position) const {
  if (product_ == nullptr) return std::binary_search(listed_->begin(), listed_->end(), position);
  return product_->Contains(position) &&
         !std::binary_search(listed_->begin(), listed_->end(), product_->CountBefore(position));
}

uint64_t CellSet::CountBefore(uint64_t position) const {
  if (product_ == nullptr) return CountBelow(*listed_, position);
  const uint64_t rank = product_->CountBefore(position);
  return rank - CountBelow(*listed_, rank);
}

uint64_t CellSet::at(uint64_t rank) const {
  if (product_ == nullptr) return (*listed_)[rank];
  // How many of the removed come before: the k-th of them does if at most `rank` that stay come
  // before it.
  uint64_t removed = 0;
  for (uint64_t beyond = listed_->size(); removed < beyond;) {
    const uint64_t middle = removed + (beyond - removed) / 2;
    if ((*listed_)[middle] - middle <= rank) {
      removed = middle + 1;
    } else {
      beyond = middle;
    }
  }
  return product_->at(rank + removed);
}

}  // namespace firstguess
