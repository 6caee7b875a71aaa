#include "worker/trainer/random.h"

#include <ATen/CPUGeneratorImpl.h>

#include "common/hash.h"

namespace firstguess::trainer {

at::Generator StreamGenerator(absl::string_view stream) {
  return at::detail::createCPUGenerator(static_cast<uint64_t>(StreamSeed(stream)));
}

}  // namespace firstguess::trainer
