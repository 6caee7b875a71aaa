#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "worker/trainer/data/locate.h"
#include "worker/trainer/device.h"
#include "worker/trainer/memory_limit.h"
#include "worker/trainer/pack_file.h"
#include "worker/trainer/self_check.h"
#include "worker/trainer/serve.h"
#include "worker/trainer/trainer.h"

// Exit codes: 0 done; 1 the trainer failed; 2 usage or input; 5 some trials could not be trained.
namespace firstguess::trainer {
namespace {

int Fail(const absl::Status& status) {
  std::cerr << "firstguess-trainer: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? 2 : 1;
}

// Opens the device. On a CPU, which has no memory of its own, the process then takes no more than
// `memory_limit` bytes; 0: no limit.
absl::StatusOr<DeviceInfo> OpenLimited(const TrainerOptions& options, int64_t memory_limit) {
  absl::StatusOr<DeviceInfo> device = OpenDevice(options.device, options.allow_tf32);
  if (!device.ok() || device->kind != "cpu" || memory_limit == 0) return device;
  if (absl::Status status = LimitMemory(memory_limit); !status.ok()) return status;
  device->memory_bytes = std::min(device->memory_bytes, memory_limit);
  return device;
}

int RunPack(const std::string& path, const TrainerOptions& options, int64_t memory_limit) {
  const absl::StatusOr<std::vector<TrialTask>> tasks = ReadPackFile(path);
  if (!tasks.ok()) return Fail(tasks.status());
  const absl::StatusOr<DeviceInfo> device = OpenLimited(options, memory_limit);
  if (!device.ok()) return Fail(device.status());
  const std::unique_ptr<PackTrainer> trainer = MakeTorchTrainer(*device, options);
  const absl::StatusOr<int> failed = TrainAndPrint(*tasks, *trainer);
  if (!failed.ok()) return Fail(failed.status());
  return *failed == 0 ? 0 : 5;
}

int RunSelfCheck(const TrainerOptions& options) {
  const absl::StatusOr<std::vector<DeviceError>> errors = SelfCheck(options);
  if (!errors.ok()) return Fail(errors.status());
  bool within = true;
  std::cout << options.device << (options.allow_tf32 ? " with TF32" : "")
            << " in float32 against the CPU in float64: differences over the largest value\n"
            << absl::StreamFormat("%-48s %8s %8s %8s\n", "", "median", "99 %", "largest");
  for (const DeviceError& error : *errors) {
    within = within && error.within();
    std::cout << absl::StreamFormat("%-48s %8.1e %8.1e %8.1e%s\n", error.quantity, error.median,
                                    error.q99, error.largest, error.within() ? "" : "  TOO LARGE");
  }
  return within ? 0 : 1;
}

int Describe(const TrainerOptions& options) {
  nlohmann::ordered_json answer = {{"version", FIRSTGUESS_VERSION}};
  absl::StatusOr<DeviceInfo> device = OpenDevice("cuda");
  if (!device.ok()) {
    answer["no_gpu_because"] = std::string(device.status().message());
    device = OpenDevice("cpu");
    if (!device.ok()) return Fail(device.status());
  }
  answer["device"] = device->kind;
  answer["device_name"] = device->name;
  answer["memory_bytes"] = device->memory_bytes;
  answer["datasets"] = FoundDatasets(options.data_dirs);
  std::cout << answer << "\n";
  return 0;
}

int FailForAgent(int fd, const absl::Status& reason) {
  if (absl::Status sent = SendCannotWork(fd, reason); !sent.ok()) return Fail(sent);
  return Fail(reason);
}

// For an agent, which gave its end of a socket pair as descriptor `fd`.
int RunForAgent(int fd, const TrainerOptions& options, int64_t memory_limit) {
  // An interrupt at the terminal reaches the whole process group. The agent decides what it means;
  // when it closes the socket, this process ends.
  std::signal(SIGINT, SIG_IGN);
  const absl::StatusOr<DeviceInfo> device = OpenLimited(options, memory_limit);
  if (!device.ok()) return FailForAgent(fd, device.status());
  const std::unique_ptr<PackTrainer> trainer = MakeTorchTrainer(*device, options);
  const absl::Status served = Serve(fd, *device, FoundDatasets(options.data_dirs), *trainer);
  return served.ok() ? 0 : Fail(served);
}

int Main(int argc, char** argv) {
  CLI::App app("Trains packs of trials with LibTorch: for an agent, or alone.",
               "firstguess-trainer");
  TrainerOptions options;
  std::string pack;
  int64_t memory_limit = 0;
  bool self_check = false;
  bool describe = false;
  int ipc_fd = -1;
  app.add_option("--device", options.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  app.add_flag("--allow-tf32", options.allow_tf32,
               "Let a GPU round the factors of products to TF32; results say so in `library`");
  app.add_flag("--graphs", options.graphs,
               "Let a GPU record an update of a tile once, as a CUDA graph, and repeat it");
  double checkpoint_seconds = absl::ToDoubleSeconds(options.checkpoints.every);
  app.add_option("--checkpoint-dir", options.checkpoints.folder,
                 "Folder, which workers may share, for the state of long trials to go on from")
      ->check(CLI::ExistingDirectory);
  app.add_option("--checkpoint-every", checkpoint_seconds,
                 "Seconds until a trial's first checkpoint, and from one to the next")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--memory-limit", memory_limit, "Bytes that this may have for itself, on a CPU")
      ->check(CLI::PositiveNumber);
  app.add_option("--data-dir", options.data_dirs,
                 "Folder with one folder a data set; may be repeated")
      ->check(CLI::ExistingDirectory);
  CLI::Option_group* mode = app.add_option_group("mode");
  mode->add_option("--pack", pack, "Train this JSON list of trials and print one line a snapshot");
  mode->add_flag("--self-check", self_check, "Compare the device with the CPU in float64");
  mode->add_flag("--describe", describe,
                 "Tell in JSON which device and data sets there are; --device is not looked at");
  mode->add_option("--ipc-fd", ipc_fd, "Work for the agent at this descriptor");
  mode->require_option(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // --help is no error
  }
  options.checkpoints.every = absl::Seconds(checkpoint_seconds);
  options.checkpoints.program = "firstguess " FIRSTGUESS_VERSION;
  std::signal(SIGXFSZ, SIG_IGN);  // a checkpoint that grows too large is an error of its write
  if (ipc_fd >= 0) return RunForAgent(ipc_fd, options, memory_limit);
  if (describe) return Describe(options);
  return self_check ? RunSelfCheck(options) : RunPack(pack, options, memory_limit);
}

}  // namespace
}  // namespace firstguess::trainer

int main(int argc, char** argv) { return firstguess::trainer::Main(argc, argv); }
