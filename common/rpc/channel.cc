#include "common/rpc/channel.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/address.h"
#include "common/rpc/protocol.h"
#include "common/rpc/tls_folder.h"
#include "common/rpc/token_header.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace firstguess {
namespace {

// Both ends must agree on these, else the server answers pings with GOAWAY "too_many_pings".
constexpr int kKeepaliveTimeMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kMinPingIntervalMs = 10'000;  // below kKeepaliveTimeMs
constexpr int kMaxPingStrikes = 2;

constexpr int kReconnectBackoffMs = 100;
constexpr int kMaxReconnectBackoffMs = 2'000;
// By its name a pause between attempts, in fact how long one attempt may take: a busy machine needs
// its time.
constexpr int kConnectTimeoutMs = 5'000;

// What somebody gets who has not said yet who it is.
constexpr int kMaxConcurrentStreams = 64;  // of one connection
constexpr int kMaxHeaderBytes = 8 << 10;   // of one call
constexpr size_t kMemoryQuotaBytes = 512 << 20;

// Calls that change nothing, or are keyed by a request id, and so may be sent twice.
constexpr char kServiceConfig[] = R"json({
  "methodConfig": [{
    "name": [
      {"service": "firstguess.v1.SweepService", "method": "Preview"},
      {"service": "firstguess.v1.SweepService", "method": "Submit"},
      {"service": "firstguess.v1.SweepService", "method": "List"},
      {"service": "firstguess.v1.SweepService", "method": "Get"},
      {"service": "firstguess.v1.SweepService", "method": "ListWorkers"}
    ],
    "retryPolicy": {
      "maxAttempts": 4,
      "initialBackoff": "0.1s",
      "maxBackoff": "1s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }],
  "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}
})json";

using Interceptors =
    std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>;

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsFor(
    const Address& address, const CallerSecurity& security) {
  if (!security.tls_folder.empty() && !address.is_unix()) {
    if (absl::Status status = CheckTlsFolder(security.tls_folder); !status.ok()) return status;
    grpc::experimental::TlsChannelCredentialsOptions options;
    options.set_certificate_provider(WatchTlsFolder(security.tls_folder));
    options.watch_root_certs();
    options.watch_identity_key_cert_pairs();
    return grpc::experimental::TlsCredentials(options);
  }
  if (!address.is_local() && !security.insecure_network) {
    return absl::InvalidArgumentError(absl::StrCat(
        "other machines see what is said to ", address.ToString(),
        ": say --tls FOLDER with a certificate, or --insecure-network if that is meant"));
  }
  if (!address.is_local() && !security.token_file.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("other machines would see the token on its way to ", address.ToString(),
                     ": a token needs --tls FOLDER, or an address of this machine"));
  }
  return grpc::InsecureChannelCredentials();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(absl::string_view address,
                                                           const CallerSecurity& security) {
  const absl::StatusOr<Address> parsed = ParseAddress(address);
  if (!parsed.ok()) return parsed.status();
  const absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials =
      CredentialsFor(*parsed, security);
  if (!credentials.ok()) return credentials.status();
  Interceptors interceptors;
  if (!security.token_file.empty()) {
    auto header = MakeTokenHeader(security.token_file);
    if (!header.ok()) return header.status();
    interceptors.push_back(*std::move(header));
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetServiceConfigJSON(kServiceConfig);
  // Without the prefix a name can look like a scheme.
  const std::string target =
      parsed->is_local() ? parsed->ToString() : absl::StrCat("dns:///", parsed->ToString());
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, *credentials, arguments,
                                                                 std::move(interceptors));
}

void SetServerArguments(grpc::ServerBuilder& builder, absl::Duration handshake_timeout,
                        absl::Duration idle_time) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kMaxPingStrikes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxConcurrentStreams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxHeaderBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(handshake_timeout)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(idle_time)));
  // With SO_REUSEPORT two coordinators could share a port unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  grpc::ResourceQuota quota("firstguess");
  quota.Resize(kMemoryQuotaBytes);
  builder.SetResourceQuota(quota);
}

void SetDeadline(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
}

}  // namespace firstguess
