#include "worker/trainer/same_pack.h"

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {

absl::Status CheckSamePack(const TrialConfig& a, const TrialConfig& b) {
  const char* different = nullptr;
  if (a.dataset != b.dataset) different = "dataset";
  if (a.class_imbalance != b.class_imbalance) different = "class_imbalance";
  if (a.model != b.model) different = "model";
  if (a.width != b.width) different = "width";
  if (a.depth != b.depth) different = "depth";
  if (a.activation != b.activation) different = "activation";
  if (a.batch_size != b.batch_size) different = "batch_size";
  if (a.steps != b.steps) different = "steps";
  if (a.optimizer != b.optimizer) different = "optimizer";
  if (a.data_seed != b.data_seed) different = "data_seed";
  if (a.probe_size != b.probe_size) different = "probe_size";
  if (a.points != b.points) different = "points";
  if (a.spacing != b.spacing) different = "spacing";
  if (different == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("trials of one pack differ in ", different));
}

}  // namespace firstguess::trainer
