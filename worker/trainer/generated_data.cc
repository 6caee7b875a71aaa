#include "worker/trainer/generated_data.h"

#include <ATen/ops/from_blob.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kMostValues = int64_t{1} << 31;

// randn((rows, columns)) of a stream, row-major.
std::vector<float> Draw(const std::string& stream, int64_t rows, int64_t columns) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  at::from_blob(values.data(), {rows, columns}, at::kFloat).normal_(0, 1, StreamGenerator(stream));
  return values;
}

// Row-major [classes, dimension].
std::vector<float> Centres(const TrialConfig& config) {
  const int64_t dimension = config.data_dimension;
  std::vector<float> centres =
      Draw(absl::StrCat("blobs/", config.data_seed, "/centres"), config.data_classes, dimension);
  for (int64_t c = 0; c < config.data_classes; ++c) {
    float* const centre = centres.data() + c * dimension;
    double squares = 0;
    for (int64_t k = 0; k < dimension; ++k) squares += double{centre[k]} * double{centre[k]};
    const double factor = config.data_separation / std::sqrt(squares);
    for (int64_t k = 0; k < dimension; ++k) {
      centre[k] = static_cast<float>(double{centre[k]} * factor);
    }
  }
  return centres;
}

absl::Status CheckSize(const TrialConfig& config, absl::string_view field, int64_t per_class) {
  if (config.data_classes * per_class <= kMostValues / config.data_dimension) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      config.dataset, ": ", field, " ", per_class, ", data_classes ", config.data_classes,
      " and data_dimension ", config.data_dimension, " make more than ", kMostValues, " numbers"));
}

LabelledImages GenerateSplit(const TrialConfig& config, absl::string_view split,
                             int64_t per_class) {
  const int64_t examples = config.data_classes * per_class;
  LabelledImages data;
  data.inputs = config.data_dimension;
  data.width = config.data_dimension;
  data.values = Draw(absl::StrCat(config.dataset, "/", config.data_seed, "/", split), examples,
                     config.data_dimension);
  data.labels.resize(static_cast<size_t>(examples));
  for (int64_t i = 0; i < examples; ++i) {
    data.labels[static_cast<size_t>(i)] = i % config.data_classes;
  }
  return data;
}

void AddCentres(const std::vector<float>& centres, LabelledImages* data) {
  float* value = data->values.data();
  for (const int64_t label : data->labels) {
    const float* const centre = centres.data() + label * data->inputs;
    for (int64_t k = 0; k < data->inputs; ++k) *value++ += centre[k];
  }
}

}  // namespace

absl::StatusOr<ImageDataset> GenerateDataset(const TrialConfig& config) {
  absl::Status status = CheckSize(config, "data_train_per_class", config.data_train_per_class);
  status.Update(CheckSize(config, "data_test_per_class", config.data_test_per_class));
  if (!status.ok()) return status;
  ImageDataset data;
  data.name = config.dataset;
  data.classes = config.data_classes;
  data.train = GenerateSplit(config, "train", config.data_train_per_class);
  data.test = GenerateSplit(config, "test", config.data_test_per_class);
  if (config.dataset == "blobs") {
    const std::vector<float> centres = Centres(config);
    AddCentres(centres, &data.train);
    AddCentres(centres, &data.test);
  }
  return data;
}

}  // namespace firstguess::trainer
