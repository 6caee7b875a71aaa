#pragma once

#include <cstdint>
#include <vector>

namespace firstguess::trainer {

// The training examples that `class_imbalance` leaves, as rows of the data set in file order:
// class c keeps its first KeptExamples(n_c, c, C, class_imbalance) (common/spec/datasets.h).
// `labels` are the whole training split's.
std::vector<int64_t> KeptRows(const std::vector<int64_t>& labels, int64_t classes,
                              double class_imbalance);

}  // namespace firstguess::trainer
