#include "tools/bench/raw_insert.h"

#include <sqlite3.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/spec/trial.h"
#include "tools/bench/bench_trials.h"

namespace firstguess {
namespace {

constexpr double kTime = 1.7e9;
constexpr int64_t kPackSize = 64;

void Check(sqlite3* database, bool good) {
  if (good) return;
  std::fprintf(stderr, "raw insert: %s\n", sqlite3_errmsg(database));
  std::exit(1);
}

void Execute(sqlite3* database, const char* sql) {
  Check(database, sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
}

class Insert {
 public:
  Insert(sqlite3* database, const char* sql) : database_(database) {
    Check(database, sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                                       nullptr) == SQLITE_OK);
  }
  ~Insert() { sqlite3_finalize(statement_); }
  Insert(const Insert&) = delete;
  Insert& operator=(const Insert&) = delete;

  template <typename... Values>
  void Row(const Values&... values) {
    int index = 0;
    (Bind(++index, values), ...);
    Check(database_, sqlite3_step(statement_) == SQLITE_DONE);
    sqlite3_reset(statement_);
  }

 private:
  void Bind(int index, int64_t value) { sqlite3_bind_int64(statement_, index, value); }
  void Bind(int index, size_t value) { Bind(index, static_cast<int64_t>(value)); }
  void Bind(int index, double value) { sqlite3_bind_double(statement_, index, value); }
  void Bind(int index, const std::string& value) {
    sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
  }

  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

void InsertRaw(const std::string& path, int64_t trials, const Trajectory& trajectory,
               int64_t group) {
  sqlite3* database = nullptr;
  Check(database,
        sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        nullptr) == SQLITE_OK);
  Execute(database,
          "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768;"
          "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = OFF;"
          "PRAGMA journal_size_limit = 67108864;"
          "INSERT INTO sweep (sweep_id, name, revision, state, priority, cells, created_at)"
          " VALUES (1, 'raw', 1, 'running', 0, 0, 0)");
  {
    Insert pack(database, "INSERT INTO pack VALUES (?, 1, 1, ?, NULL)");
    Insert lease(database, "INSERT INTO lease VALUES (?, ?, 'w', 'i', ?, ?, 'finished')");
    Insert trial(
        database,
        "INSERT INTO trial (key, status, dataset, model, width, depth, activation, init,"
        " init_scale, bias_scale, loss, loss_params, optimizer, learning_rate, weight_decay,"
        " batch_size, steps, label_noise, class_imbalance, seed, data_seed, probe_size, points,"
        " spacing, config, pack_id, slot, worker, device, pack_size, library, started_at,"
        " finished_at, train_seconds) VALUES (?, 'done', ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'w', ?, ?, ?, ?, ?, ?)");
    Insert cell(database, "INSERT INTO cell VALUES (1, 1, ?, ?, NULL)");
    Insert attempt(database, "INSERT INTO attempt VALUES (?, 1, ?, ?, ?, 'finished', NULL)");
    Insert trial_class(database, "INSERT INTO trial_class VALUES (?, ?, ?, ?)");
    Insert snapshot(database,
                    "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    Insert class_snapshot(database, "INSERT INTO class_snapshot VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (int64_t i = 0; i < trials; ++i) {
      if (i % group == 0) Execute(database, i == 0 ? "BEGIN IMMEDIATE" : "COMMIT; BEGIN IMMEDIATE");
      const int64_t pack_id = i / kPackSize + 1;
      if (i % kPackSize == 0) {
        pack.Row(pack_id, i);
        lease.Row(pack_id, pack_id, kTime, kTime);
      }
      const TrialConfig config = BenchConfig(i);
      trial.Row(TrialKey(config), config.dataset, config.model, config.width, config.depth,
                config.activation, config.init, config.init_scale, config.bias_scale,
                config.loss.name, config.optimizer, config.learning_rate, config.weight_decay,
                config.batch_size, config.steps, config.label_noise, config.class_imbalance,
                config.seed, config.data_seed, config.probe_size, config.points, config.spacing,
                CanonicalJson(config), pack_id, i % kPackSize, trajectory.device,
                trajectory.pack_size, trajectory.library, kTime, kTime, trajectory.train_seconds);
      const int64_t id = sqlite3_last_insert_rowid(database);
      cell.Row(i, id);
      attempt.Row(id, pack_id, kTime, kTime);
      for (size_t c = 0; c < trajectory.support.size(); ++c) {
        trial_class.Row(id, c, trajectory.support[c], trajectory.initial_rank[c]);
      }
      for (const Snapshot& s : trajectory.snapshots) {
        snapshot.Row(id, s.step, s.epoch, s.train_loss, s.grad_norm, s.probe_loss,
                     s.probe_cross_entropy, s.accuracy, s.max_guess, s.guess_entropy,
                     s.prob_entropy, s.mean_weight, s.kept_fraction, s.tied_fraction);
        for (size_t c = 0; c < s.mean_prob.size(); ++c) {
          class_snapshot.Row(id, s.step, c, s.guess_count[c], s.correct_count[c], s.mean_prob[c],
                             s.class_loss[c], s.drift[c]);
        }
      }
    }
    Execute(database, "COMMIT");
  }
  sqlite3_close(database);
}

}  // namespace firstguess
