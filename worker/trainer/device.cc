#include "worker/trainer/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>

#include <cstdlib>
#include <fstream>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/log.h"
#include "common/usable.h"
#include "worker/trainer/recycled_memory.h"

namespace firstguess::trainer {
namespace {

// The few calls of NVIDIA's driver library that name its GPUs; it comes with the driver and is not
// linked.
class CudaDriver {
 public:
  static absl::StatusOr<std::vector<DeviceInfo>> Gpus() {
    void* library = dlopen("libcuda.so.1", RTLD_NOW);
    if (library == nullptr) {
      return absl::UnavailableError("no NVIDIA driver on this machine (libcuda.so.1 not found)");
    }
    const auto init = Symbol<int (*)(unsigned)>(library, "cuInit");
    const auto count_devices = Symbol<int (*)(int*)>(library, "cuDeviceGetCount");
    const auto get = Symbol<int (*)(int*, int)>(library, "cuDeviceGet");
    const auto name = Symbol<int (*)(char*, int, int)>(library, "cuDeviceGetName");
    const auto memory = Symbol<int (*)(size_t*, int)>(library, "cuDeviceTotalMem_v2");
    int count = 0;
    if (init == nullptr || count_devices == nullptr || get == nullptr || name == nullptr ||
        memory == nullptr || init(0) != 0 || count_devices(&count) != 0) {
      return absl::UnavailableError(
          "the NVIDIA driver does not start (nvidia-smi may say why); is it newer than its "
          "module?");
    }
    std::vector<DeviceInfo> gpus;
    for (int index = 0; index < count; ++index) {
      int device = 0;
      char text[256] = {};
      size_t bytes = 0;
      if (get(&device, index) != 0 || name(text, sizeof(text) - 1, device) != 0 ||
          memory(&bytes, device) != 0) {
        return absl::UnavailableError(absl::StrCat("GPU ", index, " does not answer its driver"));
      }
      gpus.push_back({.kind = "cuda",
                      .index = index,
                      .name = text,
                      .memory_bytes = static_cast<int64_t>(bytes)});
    }
    if (gpus.empty()) return absl::UnavailableError("the NVIDIA driver sees no GPU");
    return gpus;
  }

 private:
  template <typename Function>
  static Function Symbol(void* library, const char* name) {
    return reinterpret_cast<Function>(dlsym(library, name));
  }
};

std::string ProcessorName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "";
}

absl::StatusOr<DeviceInfo> OpenGpu(int index) {
  absl::StatusOr<std::vector<DeviceInfo>> gpus = CudaDriver::Gpus();
  if (!gpus.ok()) return gpus.status();
  if (index >= static_cast<int>(gpus->size())) {
    return absl::UnavailableError(
        absl::StrCat("no GPU ", index, ": the driver sees ", gpus->size(), ", counted from 0"));
  }
  // cuBLAS reads it when its first handle is made, and is deterministic only with it.
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("LibTorch's CUDA backend does not load (", dlerror(),
                     "); run tools/setup on this machine, which installs what it needs"));
  }
  if (at::detail::getCUDAHooks().getNumGPUs() <= index) {
    return absl::UnavailableError(
        "LibTorch sees no GPU although the driver does: its CUDA version "
        "may be newer than the driver's");
  }
  return (*gpus)[static_cast<size_t>(index)];
}

absl::StatusOr<DeviceInfo> Open(const std::string& request) {
  const DeviceInfo cpu{.name = ProcessorName(), .memory_bytes = UsableMemory()};
  if (request == "cpu") return cpu;
  if (request == "cuda") return OpenGpu(0);
  if (request == "auto") {
    absl::StatusOr<DeviceInfo> gpu = OpenGpu(0);
    if (gpu.ok()) return gpu;
    Log(LogLevel::kInfo, "training on the CPU", {{"reason", gpu.status().message()}});
    return cpu;
  }
  absl::string_view digits = request;
  int index = 0;
  if (absl::ConsumePrefix(&digits, "cuda:") && absl::SimpleAtoi(digits, &index) && index >= 0) {
    return OpenGpu(index);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown device \"", request, "\": cpu, cuda, cuda:N or auto"));
}

void FixNumerics(bool allow_tf32) {
  // One thread: more gain nothing at these sizes, and sums would depend on their number.
  at::set_num_threads(1);
  at::globalContext().setDeterministicAlgorithms(true, false);
  // Which would write to all new memory before it is used.
  at::globalContext().setDeterministicFillUninitializedMemory(false);
  at::globalContext().setAllowTF32CuBLAS(allow_tf32);
  at::globalContext().setAllowTF32CuDNN(allow_tf32);
  RecycleMemory();
}

}  // namespace

std::string DeviceInfo::ToString() const {
  return kind == "cpu" ? kind : absl::StrCat(kind, ":", index, " ", name);
}

absl::StatusOr<DeviceInfo> OpenDevice(const std::string& request, bool allow_tf32) {
  absl::StatusOr<DeviceInfo> device = Open(request);
  if (!device.ok()) return device;
  device->tf32 = allow_tf32 && device->kind == "cuda";
  FixNumerics(device->tf32);
  return device;
}

}  // namespace firstguess::trainer
