#include "tools/firstguess/launch_options.h"

namespace firstguess {
namespace {

void AddJobOptions(CLI::App* command, WorkerJob* job) {
  command->add_option("--partition", job->partition, "Slurm's partition")->type_name("NAME");
  command->add_option("--account", job->account, "Slurm's account")->type_name("NAME");
  command->add_option("--qos", job->qos, "Slurm's quality of service")->type_name("NAME");
  command->add_option("--gpus", job->gpus, "1 or TYPE:1: a GPU for each worker; else it has none")
      ->type_name("GPU");
  command->add_option("--cpus", job->cpus, "Processors of a job; without a GPU, a trainer on each")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->add_option("--mem", job->mem, "Memory of a job, such as 8G")->type_name("SIZE");
  command->add_option("--time", job->time, "Longest time of a job, such as 4:00:00")
      ->type_name("TIME");
  command->add_option("--name", job->name, "The jobs' name, by which they are found again")
      ->type_name("NAME");
  command
      ->add_option("--log-dir", job->log_dir,
                   "Folder that the nodes share: NAME-JOB.log; firstguess-logs here if not said")
      ->type_name("FOLDER");
  command
      ->add_option("--worker", job->worker, "firstguess-worker on the nodes; the one beside this")
      ->type_name("FILE");
  command->add_option("--labels", job->labels, "What 'requires: {labels: …}' may ask for")
      ->type_name("LABELS");
  command
      ->add_option("--idle-exit", job->idle_seconds, "A worker without work ends after this; 300")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  command->add_option("--notice", job->notice_seconds, "Before --time is over, to finish; 120")
      ->check(CLI::Range(12, 65535))
      ->type_name("SECONDS");
}

void AddLimitOptions(CLI::App* command, LaunchOptions* options) {
  command->add_option("--max", options->limits.jobs, "Jobs at a time, at most; 1 if not said")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  command
      ->add_option("--max-pending", options->max_pending,
                   "Of them in the queue; 10 with --supervise, else --max")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command
      ->add_option("--packs-per-job", options->limits.packs_per_job,
                   "Waiting packs for which a job is worth its start; 4 if not said")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
}

}  // namespace

void AddLaunchOptions(CLI::App* command, LaunchOptions* options) {
  command->add_option("ENGINE", options->engine, "slurm")
      ->required()
      ->check(CLI::IsMember({"slurm"}));
  command->add_option("WORKER_OPTION", options->job.arguments,
                      "After --: more options of firstguess-worker");
  AddJobOptions(command, &options->job);
  AddLimitOptions(command, options);
  command->add_flag("--supervise", options->supervise,
                    "Stay, look again and again, and ask for more");
  command->add_option("--interval", options->interval_seconds, "Between two looks; 10 if not said")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  command
      ->add_option("--template", options->batch_template,
                   "Another batch script than the built-in one")
      ->type_name("FILE");
  command
      ->add_option("--worker-coordinator", options->worker_coordinator,
                   "The coordinator as the nodes reach it; else --coordinator")
      ->type_name("ADDRESS");
  command
      ->add_option("--worker-tls", options->job.tls,
                   "The workers' certificate, a folder as the nodes see it")
      ->type_name("FOLDER");
  command
      ->add_option("--worker-token-file", options->job.token_file,
                   "The workers' token, a file as the nodes see it")
      ->type_name("FILE");
  command->add_flag("--dry-run", options->dry_run, "Print the batch script and submit nothing");
  AddCoordinatorOption(command, &options->coordinator);
}

}  // namespace firstguess
