#include "coordinator/grid/conditions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "coordinator/grid/axis_index.h"

namespace firstguess {
namespace {

// Where a field stands in a product.
struct Standing {
  size_t axis = 0;
  size_t column = 0;
};

std::optional<Standing> Find(const ProductView& product, absl::string_view field) {
  for (size_t axis = 0; axis < product.axes.size(); ++axis) {
    const std::vector<Column>& columns = product.axes[axis]->columns();
    for (size_t column = 0; column < columns.size(); ++column) {
      if (columns[column].field() == field) return Standing{axis, column};
    }
  }
  return std::nullopt;
}

// Gathers conditions; once one can't hold, there is no more to say.
class Gatherer {
 public:
  explicit Gatherer(const ProductView& product) : product_(product) {}

  // The field must have one of the column's values.
  void Require(const Column& column) {
    if (!possible_) return;
    const std::optional<Standing> standing = Find(product_, column.field());
    if (!standing.has_value()) {
      const Field* field = FindField(column.field());
      possible_ = column.Find(GetField(*product_.base, *field)).has_value();
      return;
    }
    const Axis& axis = *product_.axes[standing->axis];
    Require(standing->axis, SharedPositions(axis.columns()[standing->column], column));
  }

  // The fields must together have the values of one of the columns' positions.
  void Require(const std::vector<Column>& columns) {
    if (columns.size() == 1) return Require(columns.front());
    if (!possible_) return;
    std::map<size_t, Involved> involved;  // by axis
    std::vector<std::pair<size_t, FieldValue>> constants;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (const std::optional<Standing> standing = Find(product_, columns[i].field())) {
        involved[standing->axis].own.push_back(standing->column);
        involved[standing->axis].others.push_back(i);
      } else {
        constants.emplace_back(i, GetField(*product_.base, *FindField(columns[i].field())));
      }
    }
    std::vector<AxisIndex> indices;
    for (const auto& [axis, part] : involved) {
      indices.emplace_back(*product_.axes[axis], part.own);
    }
    std::vector<std::vector<uint64_t>> combinations;
    for (uint64_t position = 0; position < columns.front().size(); ++position) {
      const bool fits = std::all_of(constants.begin(), constants.end(), [&](const auto& constant) {
        return columns[constant.first].at(position) == constant.second;
      });
      if (!fits) continue;
      std::vector<std::vector<uint64_t>> found = {{}};
      auto index = indices.begin();
      for (const auto& [axis, part] : involved) {
        std::vector<FieldValue> values;
        for (const size_t i : part.others) values.push_back(columns[i].at(position));
        found = Times(found, (index++)->Find(values));
      }
      combinations.insert(combinations.end(), found.begin(), found.end());
    }
    std::sort(combinations.begin(), combinations.end());
    combinations.erase(std::unique(combinations.begin(), combinations.end()), combinations.end());
    possible_ = !combinations.empty();
    if (!possible_ || involved.empty()) return;
    if (involved.size() == 1) {
      std::vector<uint64_t> positions;
      for (const std::vector<uint64_t>& combination : combinations) {
        positions.push_back(combination.front());
      }
      return Require(involved.begin()->first, IndexSet(std::move(positions)));
    }
    Condition& condition = conditions_.emplace_back();
    for (const auto& [axis, part] : involved) condition.axes.push_back(axis);
    condition.combinations = std::move(combinations);
  }

  std::optional<Conditions> Take() {
    if (!possible_) return std::nullopt;
    return std::move(conditions_);
  }

 private:
  // The columns of one axis of the product that have fields of the others, and those.
  struct Involved {
    std::vector<size_t> own;
    std::vector<size_t> others;
  };

  static std::vector<std::vector<uint64_t>> Times(
      const std::vector<std::vector<uint64_t>>& combinations,
      const std::vector<uint64_t>& positions) {
    std::vector<std::vector<uint64_t>> product;
    for (const std::vector<uint64_t>& combination : combinations) {
      for (const uint64_t position : positions) {
        product.push_back(combination);
        product.back().push_back(position);
      }
    }
    return product;
  }

  void Require(size_t axis, IndexSet positions) {
    if (positions.size() == product_.axes[axis]->size()) return;
    possible_ = positions.size() > 0;
    conditions_.push_back({.axes = {axis}, .positions = std::move(positions), .combinations = {}});
  }

  const ProductView& product_;
  Conditions conditions_;
  bool possible_ = true;
};

}  // namespace

std::optional<Conditions> ConditionsOf(const ProductView& product, const Exclude& exclude) {
  Gatherer gatherer(product);
  for (const Column& column : exclude.columns) gatherer.Require(column);
  return gatherer.Take();
}

std::optional<Conditions> ConditionsOf(const ProductView& product, const AxisProduct& grid,
                                       const TrialConfig& base) {
  Gatherer gatherer(product);
  for (const Field& field : TrialFields()) {
    if (grid.Find(field.name) == nullptr) {
      gatherer.Require(Column(std::string(field.name), {GetField(base, field)}));
    }
  }
  for (const Axis& axis : grid.axes) gatherer.Require(axis.columns());
  return gatherer.Take();
}

}  // namespace firstguess
