#include "common/rpc/health.h"

#include <memory>
#include <string>
#include <vector>

#include "common/rpc/channel.h"
#include "common/rpc/raw_call.h"

namespace firstguess {
namespace {

// grpc.health.v1.HealthCheckResponse has one field, an enum: a byte with its number and type, and
// one with its value. 0 is left out.
ServerHealth ReadHealth(const grpc::ByteBuffer& response) {
  constexpr uint8_t kStatusField = 0x08;
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!response.Dump(&slices).ok()) return ServerHealth::kUnknown;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  if (bytes.size() != 2 || static_cast<uint8_t>(bytes[0]) != kStatusField) {
    return ServerHealth::kUnknown;
  }
  return bytes[1] == 1   ? ServerHealth::kServing
         : bytes[1] == 2 ? ServerHealth::kNotServing
                         : ServerHealth::kUnknown;
}

}  // namespace

absl::StatusOr<ServerHealth> AskHealth(absl::string_view address, absl::Duration timeout,
                                       const CallerSecurity& security) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeChannel(address, security);
  if (!channel.ok()) return channel.status();
  // Without the name of a service: of the whole server.
  const absl::StatusOr<grpc::ByteBuffer> response =
      CallRaw(*channel, "/grpc.health.v1.Health/Check", timeout);
  if (!response.ok()) return response.status();
  return ReadHealth(*response);
}

}  // namespace firstguess
