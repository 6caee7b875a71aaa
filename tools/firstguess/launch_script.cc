#include "tools/firstguess/launch_script.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/address.h"
#include "tools/firstguess/report/replace_file.h"
#include "tools/firstguess/slurm/worker_template.h"

namespace firstguess {
namespace {

// As it is found from every folder; empty stays empty.
std::string Absolute(const std::string& path) {
  if (path.empty()) return path;
  std::error_code error;
  std::string whole = std::filesystem::absolute(path, error).lexically_normal().string();
  while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  return whole;
}

// The person's own certificate and token do not go along: they are of another role.
std::optional<Failure> MissingIdentity(const LaunchOptions& options, const WorkerJob& job) {
  const CallerSecurity& own = options.coordinator.security;
  const absl::StatusOr<Address> address = ParseAddress(job.coordinator);
  if (!address.ok()) {
    return Failure{kExitInput,
                   {},
                   absl::StrCat(address.status().message(), "."),
                   "Correct --coordinator or --worker-coordinator."};
  }
  const bool over_a_network = !address->is_local() && !own.insecure_network;
  const bool asks_for_tls = !address->is_unix() && !own.tls_folder.empty();
  if (job.tls.empty() && (over_a_network || asks_for_tls)) {
    return Failure{kExitInput,
                   {},
                   absl::StrCat("workers need a certificate for ", job.coordinator, "."),
                   "Name its folder, as the nodes see it, with --worker-tls; 'firstguess certs "
                   "issue NAME --role worker' makes one."};
  }
  if (job.tls.empty() && job.token_file.empty() && !own.token_file.empty()) {
    return Failure{kExitInput,
                   {},
                   absl::StrCat("workers need a token for ", job.coordinator, "."),
                   "Name a file with a token of role worker, as the nodes see it, with "
                   "--worker-token-file."};
  }
  return std::nullopt;
}

}  // namespace

std::variant<WorkerJob, Failure> JobToLaunch(const LaunchOptions& options, const Context& context) {
  WorkerJob job = options.job;
  job.coordinator =
      options.worker_coordinator.empty() ? options.coordinator.address : options.worker_coordinator;
  if (job.worker.empty()) job.worker = absl::StrCat(context.program_folder, "/firstguess-worker");
  job.log_dir = Absolute(job.log_dir.empty() ? "firstguess-logs" : job.log_dir);
  job.tls = Absolute(job.tls);
  job.token_file = Absolute(job.token_file);
  job.insecure_network = options.coordinator.security.insecure_network;
  if (job.gpus == "0") job.gpus.clear();
  if (!job.gpus.empty() && job.gpus != "1" && !absl::EndsWith(job.gpus, ":1")) {
    return Failure{kExitInput,
                   {},
                   absl::StrCat("--gpus is ", job.gpus, ", but a worker trains on one GPU."),
                   "Ask for one a job (--gpus 1, or TYPE:1) and more jobs (--max); for whole nodes "
                   "see deploy/slurm/README.md."};
  }
  if (std::optional<Failure> failure = MissingIdentity(options, job)) return *std::move(failure);
  return job;
}

std::variant<std::string, Failure> ScriptToLaunch(const LaunchOptions& options,
                                                  const WorkerJob& job) {
  std::string text(WorkerTemplate());
  if (!options.batch_template.empty()) {
    std::ifstream file(options.batch_template);
    std::stringstream content;
    content << file.rdbuf();
    if (!file) {
      return Failure{kExitInput,
                     {},
                     absl::StrCat("the template ", options.batch_template, " can't be read."),
                     "Name a file with --template, or leave it out for the built-in one."};
    }
    text = content.str();
  }
  const absl::StatusOr<std::string> script = BatchScript(text, job);
  if (script.ok()) return *script;
  return Failure{kExitInput,
                 {},
                 absl::StrCat(script.status().message(), "."),
                 "Correct the option, or the file of --template."};
}

std::string LaunchedScriptPath(const WorkerJob& job) {
  return absl::StrCat(job.log_dir, "/", job.name, ".sbatch");
}

std::variant<std::string, Failure> KeepScript(const WorkerJob& job, const std::string& script) {
  std::error_code error;
  std::filesystem::create_directories(job.log_dir, error);
  const std::string path = LaunchedScriptPath(job);
  const absl::Status written =
      error ? absl::UnavailableError(error.message()) : ReplaceFile(path, script);
  if (written.ok()) return path;
  return Failure{kExitFailed,
                 {},
                 absl::StrCat(path, " can't be written: ", written.message(), "."),
                 "Name a folder that the nodes share, and that you may write to, with --log-dir."};
}

}  // namespace firstguess
