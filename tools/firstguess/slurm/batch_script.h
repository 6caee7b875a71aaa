#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// A job with one worker. What is empty, or 0, is left to the site.
struct WorkerJob {
  std::string name = "firstguess";
  std::string partition = {};
  std::string account = {};
  std::string qos = {};
  std::string time = {};  // as Slurm writes it: "4:00:00"
  std::string mem = {};   // "8G"
  int64_t cpus = 0;
  std::string gpus = {};  // "1", "a100:1"; empty: the worker trains on processors
  std::string log_dir = {};
  int64_t notice_seconds = 120;  // before its time is over
  int64_t idle_seconds = 300;    // without work, before the worker ends itself
  std::string worker = {};       // the program
  std::string coordinator = {};  // address, as the nodes reach it
  std::string tls = {};          // folder with the worker's certificate, as the nodes see it
  std::string token_file = {};   // the same, with its token
  bool insecure_network = false;
  std::string labels = {};
  std::vector<std::string> arguments = {};  // more of the worker's
};

// The batch script that `batch_template` is for `job`: {{partition}} and the like are filled in,
// lines with a placeholder that has nothing are left out. In lines for a shell, values are quoted
// as its words. InvalidArgument names a placeholder that is none, or a value that can't stand in an
// #SBATCH line.
absl::StatusOr<std::string> BatchScript(absl::string_view batch_template, const WorkerJob& job);

}  // namespace firstguess
