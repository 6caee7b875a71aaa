#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "firstguess/v1/sweep_service.grpc.pb.h"

namespace firstguess {

// A sweep of BenchConfig by seed, in packs of `pack`.
std::string BenchSpec(const std::string& name, int64_t trials, int64_t pack);

// What a benchmark asks a coordinator. Exits on errors. Thread-safe.
class SweepClient {
 public:
  explicit SweepClient(const std::string& address);

  // The shortest question that there is.
  void Ask() const;
  void AwaitWorkers(int64_t workers) const;
  // Workers that the coordinator takes for connected.
  int64_t ConnectedWorkers() const;
  void Submit(const std::string& spec) const;
  v1::SweepStatus Get(const std::string& name) const;
  // Until it is done, and everything of it finished.
  void AwaitEnd(const std::string& name) const;

 private:
  const std::unique_ptr<v1::SweepService::Stub> stub_;
};

}  // namespace firstguess
