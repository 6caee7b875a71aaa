#include "coordinator/store/group_measurements.h"

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/prepare.h"

namespace firstguess {

absl::StatusOr<std::unique_ptr<GroupMeasurements>> GroupMeasurements::Create(
    sqlite::Database* database) {
  std::unique_ptr<GroupMeasurements> groups(new GroupMeasurements);
  FG_SQLITE_TRY(groups->insert_logits_.Prepare(
      database, "INSERT INTO class_logit (trial_id, step, class, logit_mean, logit_variance)", 5,
      10));
  FG_SQLITE_TRY(groups->insert_confusions_.Prepare(
      database, "INSERT INTO confusion (trial_id, step, label, guess, count)", 5, 10));
  FG_SQLITE_TRY(sqlite::PrepareAll(
      database,
      {{&groups->insert_layer_,
        "INSERT INTO layer_snapshot (trial_id, step, layer, name, pre_mean, pre_variance,"
        " correlation, drift_ratio, dead_fraction, grad_norm, weight_norm, distance_to_init,"
        " cosine_to_init) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
       {&groups->insert_noise_,
        "INSERT INTO noise_snapshot (trial_id, step, clean_examples, corrupted_examples,"
        " kept_clean, kept_corrupted, weight_clean, weight_corrupted, accuracy_given,"
        " accuracy_true) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
       {&groups->insert_sharpness_,
        "INSERT INTO sharpness_snapshot (trial_id, step, sharpness, residual, iterations)"
        " VALUES (?, ?, ?, ?, ?)"}}));
  return groups;
}

absl::Status GroupMeasurements::Insert(int64_t trial_id, const Snapshot& snapshot) {
  const int64_t step = snapshot.step;
  if (snapshot.logit_variance.size() != snapshot.logit_mean.size()) {
    return absl::InternalError(
        absl::StrCat("step ", step, " of a result of trial ", trial_id, " is malformed"));
  }
  insert_logits_.Begin(snapshot.logit_mean.size());
  for (size_t c = 0; c < snapshot.logit_mean.size(); ++c) {
    FG_SQLITE_TRY(
        insert_logits_.Add(trial_id, step, c, snapshot.logit_mean[c], snapshot.logit_variance[c]));
  }
  insert_confusions_.Begin(snapshot.confusion.size());
  for (const ConfusionCount& entry : snapshot.confusion) {
    FG_SQLITE_TRY(insert_confusions_.Add(trial_id, step, entry.label, entry.guess, entry.count));
  }
  for (size_t i = 0; i < snapshot.layers.size(); ++i) {
    const LayerState& layer = snapshot.layers[i];
    FG_SQLITE_TRY(insert_layer_.Execute(trial_id, step, i, layer.name, layer.pre_mean,
                                        layer.pre_variance, layer.correlation, layer.drift_ratio,
                                        layer.dead_fraction, layer.grad_norm, layer.weight_norm,
                                        layer.distance_to_init, layer.cosine_to_init));
  }
  if (snapshot.noise.has_value()) {
    const NoiseState& noise = *snapshot.noise;
    FG_SQLITE_TRY(
        insert_noise_.Execute(trial_id, step, noise.clean_examples, noise.corrupted_examples,
                              noise.kept_clean, noise.kept_corrupted, noise.weight_clean,
                              noise.weight_corrupted, noise.accuracy_given, noise.accuracy_true));
  }
  if (snapshot.sharpness.has_value()) {
    const SharpnessState& sharpness = *snapshot.sharpness;
    FG_SQLITE_TRY(insert_sharpness_.Execute(trial_id, step, sharpness.sharpness, sharpness.residual,
                                            sharpness.iterations));
  }
  return absl::OkStatus();
}

}  // namespace firstguess
