#include "coordinator/grid/cell_set.h"

#include <algorithm>
#include <utility>

#include "common/spec/fields.h"
#include "common/spec/sweep_values.h"

namespace firstguess {
namespace {

CellBox Intersect(const CellBox& left, const CellBox& right) {
  CellBox both;
  for (size_t i = 0; i < left.size(); ++i) both.push_back(left[i].Intersect(right[i]));
  return both;
}

}  // namespace

std::optional<CellBox> SharedCells(const Sweep& sweep, const Sweep& other) {
  for (const Field& field : TrialFields()) {
    if (FindAxis(sweep, field.name) != nullptr) continue;
    const FieldValue value = GetField(sweep.base, field);
    const Axis* axis = FindAxis(other, field.name);
    if (axis != nullptr ? !axis->Find(value).has_value() : GetField(other.base, field) != value) {
      return std::nullopt;
    }
  }
  CellBox shared;
  for (const Axis& axis : sweep.axes) {
    if (const Axis* others = FindAxis(other, axis.field())) {
      shared.push_back(SharedPositions(axis, *others));
    } else {
      const auto position = axis.Find(GetField(other.base, *FindField(axis.field())));
      shared.push_back(position.has_value() ? IndexSet(std::vector<uint64_t>{*position})
                                            : IndexSet());
    }
    if (shared.back().size() == 0) return std::nullopt;
  }
  return shared;
}

uint64_t CountShared(const Sweep& sweep, const Sweep& other) {
  const std::optional<CellBox> shared = SharedCells(sweep, other);
  if (!shared.has_value()) return 0;
  uint64_t count = 1;
  for (const IndexSet& positions : *shared) count *= positions.size();
  return count;
}

CellSet::Product::Product(CellBox the_axes) : axes(std::move(the_axes)), behind(axes.size()) {
  for (size_t i = axes.size(); i > 0; --i) {
    behind[i - 1] = size;
    size *= axes[i - 1].size();
  }
}

uint64_t CellSet::Product::CountBefore(const Digits& digits) const {
  uint64_t count = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    const uint64_t below = axes[i].CountBelow(digits[i]);
    count += below * behind[i];
    if (below == axes[i].size() || axes[i].at(below) != digits[i]) break;
  }
  return count;
}

bool CellSet::Product::Contains(const Digits& digits) const {
  for (size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].Contains(digits[i])) return false;
  }
  return true;
}

CellSet::CellSet(CellBox kept, std::optional<CellBox> without) : kept_(std::move(kept)) {
  if (without.has_value()) {
    without_.emplace(Intersect(*without, kept_.axes));
    if (without_->size == 0) without_.reset();
  }
  size_ = kept_.size - (without_.has_value() ? without_->size : 0);
}

bool CellSet::Contains(const Digits& digits) const {
  return size_ > 0 && kept_.Contains(digits) &&
         !(without_.has_value() && without_->Contains(digits));
}

CellSet CellSet::None(size_t axes) {
  CellSet none(CellBox(axes), std::nullopt);
  none.size_ = 0;
  return none;
}

uint64_t CellSet::CountBefore(const Digits& digits) const {
  if (size_ == 0) return 0;
  return kept_.CountBefore(digits) - (without_.has_value() ? without_->CountBefore(digits) : 0);
}

Digits CellSet::at(uint64_t rank) const {
  Digits digits = {};
  bool inside = without_.has_value();  // the digits so far may still become one that is taken away
  for (size_t i = 0; i < kept_.axes.size(); ++i) {
    const IndexSet& axis = kept_.axes[i];
    if (!inside) {
      digits[i] = axis.at(rank / kept_.behind[i]);
      rank %= kept_.behind[i];
      continue;
    }
    // Cells before the choice-th value of this axis.
    const auto before = [&](uint64_t choice) {
      return choice * kept_.behind[i] -
             without_->axes[i].CountBelow(axis.at(choice)) * without_->behind[i];
    };
    // The last value with at most `rank` before it.
    uint64_t choice = 0;
    for (uint64_t beyond = axis.size(); beyond - choice > 1;) {
      const uint64_t middle = choice + (beyond - choice) / 2;
      (before(middle) <= rank ? choice : beyond) = middle;
    }
    digits[i] = axis.at(choice);
    rank -= before(choice);
    inside = without_->axes[i].Contains(digits[i]);
  }
  return digits;
}

CellSet CellSet::Within(const CellBox& box) const {
  return CellSet(Intersect(kept_.axes, box),
                 without_.has_value() ? std::optional(without_->axes) : std::nullopt);
}

}  // namespace firstguess
