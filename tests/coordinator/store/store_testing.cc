#include "tests/coordinator/store/store_testing.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/sqlite/database.h"

namespace firstguess {

TrialConfig ConfigOf(int64_t seed) {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.steps = 10;
  config.points = 1;
  config.probe_size = 100;
  config.seed = seed;
  return config;
}

std::shared_ptr<const Trajectory> TrajectoryOf(int64_t salt, int64_t snapshots, int64_t classes) {
  double next = static_cast<double>(salt);
  const auto number = [&] { return next += 0.125; };
  auto trajectory = std::make_shared<Trajectory>();
  trajectory->device = "cpu";
  trajectory->library = "libtorch";
  trajectory->pack_size = 2;
  trajectory->train_seconds = number();
  for (int64_t c = 0; c < classes; ++c) {
    trajectory->support.push_back(salt + 10 * c);
    trajectory->initial_rank.push_back((c + salt) % classes);
  }
  for (int64_t step = 0; step < snapshots; ++step) {
    Snapshot& snapshot = trajectory->snapshots.emplace_back();
    snapshot.step = step;
    snapshot.epoch = number();
    for (double* scalar : {&snapshot.train_loss, &snapshot.grad_norm, &snapshot.probe_loss,
                           &snapshot.probe_cross_entropy, &snapshot.accuracy, &snapshot.max_guess,
                           &snapshot.guess_entropy, &snapshot.prob_entropy, &snapshot.mean_weight,
                           &snapshot.kept_fraction, &snapshot.tied_fraction}) {
      *scalar = number();
    }
    for (int64_t c = 0; c < classes; ++c) {
      snapshot.guess_count.push_back(100 * step + c);
      snapshot.correct_count.push_back(10 * step + c);
      snapshot.mean_prob.push_back(number());
      snapshot.class_loss.push_back(number());
      snapshot.drift.push_back(number());
    }
  }
  return trajectory;
}

std::shared_ptr<const Trajectory> WithGroups(const Trajectory& trajectory) {
  auto result = std::make_shared<Trajectory>(trajectory);
  double next = 100;
  const auto number = [&] { return next += 0.125; };
  for (Snapshot& snapshot : result->snapshots) {
    for (size_t c = 0; c < snapshot.mean_prob.size(); ++c) {
      snapshot.logit_mean.push_back(number());
      snapshot.logit_variance.push_back(number());
    }
    snapshot.confusion = {{0, 1, 7 + snapshot.step}, {1, 0, 3}};
    for (const char* name : {"layers.0", "layers.1"}) {
      LayerState& layer = snapshot.layers.emplace_back();
      layer.name = name;
      for (double* scalar : {&layer.pre_mean, &layer.pre_variance, &layer.correlation,
                             &layer.drift_ratio, &layer.dead_fraction, &layer.grad_norm,
                             &layer.weight_norm, &layer.distance_to_init, &layer.cosine_to_init}) {
        *scalar = number();
      }
    }
    NoiseState& noise = snapshot.noise.emplace();
    noise.clean_examples = 70;
    noise.corrupted_examples = 30;
    for (double* scalar : {&noise.kept_clean, &noise.kept_corrupted, &noise.weight_clean,
                           &noise.weight_corrupted, &noise.accuracy_given, &noise.accuracy_true}) {
      *scalar = number();
    }
    SharpnessState& sharpness = snapshot.sharpness.emplace();
    sharpness.sharpness = number();
    sharpness.residual = number();
    sharpness.iterations = 20;
  }
  return result;
}

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1'000'000 + seconds); }

double SecondsAt(int64_t seconds) { return static_cast<double>(1'000'000 + seconds); }

LeaseRecord LeaseOf(LeaseId lease_id, int64_t granted_at) {
  return {.lease_id = lease_id,
          .worker = absl::StrCat("worker-", lease_id),
          .instance_id = absl::StrCat("instance-", lease_id),
          .granted_at = At(granted_at)};
}

InsertSweep SweepOf(SweepId sweep_id, int64_t cells) {
  return {.sweep_id = sweep_id,
          .name = absl::StrCat("sweep-", sweep_id),
          .spec = absl::StrCat("name: sweep-", sweep_id),
          .canonical = absl::StrCat("{\"name\":\"sweep-", sweep_id, "\"}"),
          .priority = 0,
          .cells = cells,
          .at = At(0)};
}

OpenPack PackOf(PackId pack_id, SweepId sweep_id, const std::vector<int64_t>& seeds) {
  OpenPack pack;
  pack.pack_id = pack_id;
  pack.sweep_id = sweep_id;
  pack.plan_index = static_cast<uint64_t>(pack_id);
  pack.lease = LeaseOf(pack_id);
  for (const int64_t seed : seeds) {
    pack.cells.push_back({.cell = static_cast<uint64_t>(seed),
                          .slot = static_cast<int64_t>(pack.cells.size()),
                          .config = ConfigOf(seed)});
  }
  return pack;
}

StoreResult ResultOf(TrialId trial_id, LeaseId lease_id, int64_t at) {
  return {.trial_id = trial_id,
          .lease_id = lease_id,
          .worker = absl::StrCat("worker-", lease_id),
          .finished_at = At(at),
          .trajectory = TrajectoryOf(trial_id)};
}

TestStore::TestStore(const std::string& path, const std::string& vfs) : path_(path), vfs_(vfs) {
  Reopen();
}

WriteResult TestStore::Do(Write write) { return DoAll({std::move(write)}).front(); }

std::vector<WriteResult> TestStore::DoAll(std::vector<Write> writes) {
  std::vector<WriteResult> results(writes.size());
  for (size_t i = 0; i < writes.size(); ++i) {
    store_->Submit(std::move(writes[i]),
                   [&results, i](WriteResult result) { results[i] = std::move(result); });
  }
  store_->Flush();
  return results;
}

void TestStore::Reopen() {
  store_.reset();
  Store::Options options;
  options.path = path_;
  options.clock = &clock_;
  options.vfs = vfs_;
  options.on_fatal = [](const absl::Status& status) { ADD_FAILURE() << status; };
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(std::move(options));
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
}

std::vector<std::string> Rows(const std::string& path, const std::string& sql) {
  auto database = sqlite::Database::OpenReadOnly(path);
  if (!database.ok()) {
    ADD_FAILURE() << database.status();
    return {};
  }
  auto statement = (*database)->Prepare(sql);
  if (!statement.ok()) {
    ADD_FAILURE() << statement.status();
    return {};
  }
  std::vector<std::string> rows;
  for (;;) {
    const absl::StatusOr<bool> row = statement->Step();
    if (!row.ok()) ADD_FAILURE() << row.status();
    if (!row.ok() || !*row) return rows;
    std::vector<std::string> columns;
    for (int i = 0; i < statement->columns(); ++i) {
      columns.push_back(statement->IsNull(i) ? "NULL" : statement->Text(i));
    }
    rows.push_back(absl::StrJoin(columns, "|"));
  }
}

std::string Row(const std::string& path, const std::string& sql) {
  const std::vector<std::string> rows = Rows(path, sql);
  EXPECT_EQ(rows.size(), 1U) << sql;
  return rows.empty() ? "" : rows.front();
}

std::string Violation(const std::string& path) {
  struct Rule {
    const char* what;
    const char* violations;  // a query that finds them
  };
  constexpr Rule kRules[] = {
      {"the file is sound", "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
      {"references are kept", "SELECT * FROM pragma_foreign_key_check"},
      {"counters are what cell joined to trial says",
       "SELECT s.sweep_id, s.cells, s.done, s.failed, s.cancelled, s.leased, s.diverged FROM sweep "
       "s"
       " LEFT JOIN (SELECT sweep_id, count(*) AS opened, sum(status = 'done') AS done,"
       "   sum(status = 'failed') AS failed, sum(status = 'cancelled') AS cancelled,"
       "   sum(status = 'leased') AS leased,"
       "   sum(status = 'done' AND diverged_at_step IS NOT NULL) AS diverged"
       "  FROM cell JOIN trial USING (trial_id) WHERE dropped_in IS NULL GROUP BY sweep_id) c"
       "  USING (sweep_id)"
       " WHERE s.done <> coalesce(c.done, 0) OR s.failed <> coalesce(c.failed, 0)"
       "  OR s.leased <> coalesce(c.leased, 0) OR s.diverged <> coalesce(c.diverged, 0)"
       "  OR s.cancelled <> coalesce(c.cancelled, 0)"
       "   + CASE s.state WHEN 'cancelled' THEN s.cells - coalesce(c.opened, 0) ELSE 0 END"},
      {"progress adds up",
       "SELECT * FROM progress WHERE cells <> done + failed + cancelled + leased + pending"
       " OR pending < 0"},
      {"a sweep is done when all its cells are",
       "SELECT * FROM sweep WHERE (state = 'done') <> (done + failed = cells)"
       " AND state <> 'cancelled'"},
      {"what is over has a time, and only that",
       "SELECT * FROM sweep WHERE (finished_at IS NULL) <> (state IN ('running', 'paused'))"},
      {"a trial that is over has a time, and only that",
       "SELECT trial_id FROM trial WHERE (finished_at IS NULL) <> (status IN ('pending', "
       "'leased'))"},
      {"a leased trial has one open attempt, any other none",
       "SELECT trial_id FROM trial WHERE (status = 'leased') <>"
       " (SELECT count(*) FROM attempt WHERE attempt.trial_id = trial.trial_id"
       "  AND ended_at IS NULL)"},
      {"an open attempt is of an open lease",
       "SELECT * FROM attempt JOIN lease USING (lease_id)"
       " WHERE attempt.ended_at IS NULL AND lease.ended_at IS NOT NULL"},
      {"failed trials have a class, and only they",
       "SELECT trial_id FROM trial WHERE (failure_class IS NULL) <> (status <> 'failed')"},
      {"only done trials have measurements",
       "SELECT trial_id FROM trial WHERE status <> 'done'"
       " AND trial_id IN (SELECT trial_id FROM snapshot)"},
      {"groups are measured where snapshots are",
       "SELECT trial_id, step FROM (SELECT trial_id, step FROM class_logit"
       "  UNION SELECT trial_id, step FROM confusion"
       "  UNION SELECT trial_id, step FROM layer_snapshot"
       "  UNION SELECT trial_id, step FROM noise_snapshot"
       "  UNION SELECT trial_id, step FROM sharpness_snapshot)"
       " EXCEPT SELECT trial_id, step FROM snapshot"},
  };
  for (const Rule& rule : kRules) {
    const std::vector<std::string> violations = Rows(path, rule.violations);
    if (!violations.empty()) return absl::StrCat(rule.what, ": ", absl::StrJoin(violations, "; "));
  }
  return "";
}

}  // namespace firstguess
