#pragma once

#include <string>

#include "common/rpc/server_writer.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/permit.h"
#include "firstguess/v1/sweep_service.pb.h"

namespace firstguess {

// One Watch call: the sweep now, then whenever it changed, until it is done or cancelled, or
// the caller is no longer let in.
class SweepWatch final : public ServerWriter<v1::SweepStatus>, public Engine::Watcher {
 public:
  SweepWatch(grpc::CallbackServerContext* context, std::string name, Permit permit);

  bool OnView(const View& view) override;
  void OnStop(absl::Status status) override;

 private:
  const std::string name_;
  const Permit permit_;
  std::string last_;  // serialized; of the engine's thread
};

}  // namespace firstguess
