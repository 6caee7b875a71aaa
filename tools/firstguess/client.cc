#include "tools/firstguess/client.h"

namespace firstguess {

absl::StatusOr<std::unique_ptr<SweepClient>> SweepClient::Make(const std::string& address,
                                                               const CallerSecurity& security) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeChannel(address, security);
  if (!channel.ok()) return channel.status();
  return std::unique_ptr<SweepClient>(
      new SweepClient(address, v1::SweepService::NewStub(*std::move(channel))));
}

}  // namespace firstguess
