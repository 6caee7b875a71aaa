#include "worker/trainer/data/imbalance.h"

#include "common/spec/datasets.h"

namespace firstguess::trainer {

std::vector<int64_t> KeptRows(const std::vector<int64_t>& labels, int64_t classes,
                              double class_imbalance) {
  std::vector<int64_t> left(static_cast<size_t>(classes), 0);
  for (const int64_t label : labels) ++left[static_cast<size_t>(label)];
  for (int64_t c = 0; c < classes; ++c) {
    auto& examples = left[static_cast<size_t>(c)];
    examples = KeptExamples(examples, c, classes, class_imbalance);
  }
  std::vector<int64_t> rows;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (left[static_cast<size_t>(labels[i])]-- > 0) rows.push_back(static_cast<int64_t>(i));
  }
  return rows;
}

}  // namespace firstguess::trainer
