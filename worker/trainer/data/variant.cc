#include "worker/trainer/data/variant.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/spec/list_fields.h"

namespace firstguess::trainer {
namespace {

// Appends example `i` of `from`.
template <typename Element>
void AppendExample(const std::vector<Element>& from, int64_t i, int64_t inputs,
                   std::vector<Element>* to) {
  if (from.empty()) return;
  const auto begin = from.begin() + i * inputs;
  to->insert(to->end(), begin, begin + inputs);
}

// The examples of `split` whose class has a number in `new_label`, which is -1 for the others.
LabelledImages WithClasses(const LabelledImages& split, const std::vector<int64_t>& new_label) {
  LabelledImages kept;
  kept.inputs = split.inputs;
  kept.channels = split.channels;
  kept.height = split.height;
  kept.width = split.width;
  for (int64_t i = 0; i < split.count(); ++i) {
    const int64_t label = new_label[static_cast<size_t>(split.labels[static_cast<size_t>(i)])];
    if (label < 0) continue;
    AppendExample(split.pixels, i, split.inputs, &kept.pixels);
    AppendExample(split.values, i, split.inputs, &kept.values);
    kept.labels.push_back(label);
  }
  return kept;
}

void Shift(float shift, ImageDataset* data) {
  for (auto& channel : data->table) {
    for (float& value : channel) value += shift;
  }
  for (LabelledImages* split : {&data->train, &data->test}) {
    for (float& value : split->values) value += shift;
  }
}

}  // namespace

absl::StatusOr<ImageDataset> VariantOf(const ImageDataset& data, const TrialConfig& config) {
  const std::vector<int64_t> classes = Classes(config.class_subset);
  ImageDataset variant;
  if (classes.empty()) {
    variant = data;
  } else {
    std::vector<int64_t> new_label(static_cast<size_t>(data.classes), -1);
    for (size_t i = 0; i < classes.size(); ++i) {
      if (classes[i] >= data.classes) {
        return absl::InvalidArgumentError(absl::StrCat("class_subset has class ", classes[i],
                                                       ", where ", data.name, " has ", data.classes,
                                                       " classes, counted from 0"));
      }
      new_label[static_cast<size_t>(classes[i])] = static_cast<int64_t>(i);
    }
    variant.name = data.name;
    variant.classes = static_cast<int64_t>(classes.size());
    variant.table = data.table;
    variant.train = WithClasses(data.train, new_label);
    variant.test = WithClasses(data.test, new_label);
  }
  if (config.input_shift != 0) Shift(static_cast<float>(config.input_shift), &variant);
  return variant;
}

}  // namespace firstguess::trainer
