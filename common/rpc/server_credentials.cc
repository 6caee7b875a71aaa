#include "common/rpc/server_credentials.h"

#include <string>
#include <utility>

#include "common/mutex.h"
#include "common/rpc/status.h"
#include "common/rpc/tls_folder.h"
#include "grpc/grpc.h"
#include "grpc/grpc_security.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace firstguess {
namespace {

constexpr char kDoorProperty[] = "firstguess_door";

absl::string_view View(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)), GRPC_SLICE_LENGTH(slice)};
}

absl::string_view FirstValue(const grpc_auth_context* context, const char* name) {
  grpc_auth_property_iterator values = grpc_auth_context_find_properties_by_name(context, name);
  const grpc_auth_property* const value = grpc_auth_property_iterator_next(&values);
  if (value == nullptr) return "";
  return {value->value, value->value_length};
}

// What gRPC calls for each call's headers.
class Processor {
 public:
  Processor(CallGate* gate, std::string door) : gate_(gate), door_(std::move(door)) {}

  static void Process(void* state, grpc_auth_context* context, const grpc_metadata* headers,
                      size_t count, grpc_process_auth_metadata_done_cb done, void* user_data) {
    auto* const self = static_cast<Processor*>(state);
    CallHead head;
    head.certificate = FirstValue(context, GRPC_X509_PEM_CERT_PROPERTY_NAME);
    head.door = self->MarkDoor(context);
    for (size_t i = 0; i < count; ++i) {
      const absl::string_view key = View(headers[i].key);
      if (key == ":path") head.method = View(headers[i].value);
      if (key == "authorization") head.authorization = View(headers[i].value);
    }
    const grpc::Status status = ToGrpcStatus(self->gate_->Check(head));
    done(user_data, nullptr, 0, nullptr, 0, static_cast<grpc_status_code>(status.error_code()),
         status.error_message().c_str());
  }

  static void Destroy(void* state) { delete static_cast<Processor*>(state); }

 private:
  // Writes the door into what all calls of the connection share, where handlers read it. They begin
  // after the first call was here, and it is not written again.
  absl::string_view MarkDoor(grpc_auth_context* context) EXCLUDES(mutex_) {
    if (door_.empty()) return "";
    MutexLock lock(&mutex_);
    if (FirstValue(context, kDoorProperty).empty()) {
      grpc_auth_context_add_property(context, kDoorProperty, door_.data(), door_.size());
    }
    return door_;
  }

  CallGate* const gate_;
  const std::string door_;
  Mutex mutex_;
};

// Owns credentials of gRPC's core. Its C++ classes take no gate on plain connections.
class GatedCredentials final : public grpc::ServerCredentials {
 public:
  GatedCredentials(grpc_server_credentials* credentials, CallGate* gate, std::string door)
      : credentials_(credentials) {
    grpc_server_credentials_set_auth_metadata_processor(
        credentials_, {.process = Processor::Process,
                       .destroy = Processor::Destroy,
                       .state = new Processor(gate, std::move(door))});
  }
  ~GatedCredentials() override { grpc_server_credentials_release(credentials_); }

  // There is a gate.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
};

grpc_server_credentials* TlsCredentialsOf(const std::string& folder) {
  grpc::experimental::TlsServerCredentialsOptions options(WatchTlsFolder(folder));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc_tls_server_credentials_create(options.c_credentials_options());
}

}  // namespace

CallHead HeadOf(const grpc::CallbackServerContext& context) {
  CallHead head;
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  const auto first = [&auth](const char* name) -> absl::string_view {
    if (auth == nullptr) return "";
    const std::vector<grpc::string_ref> values = auth->FindPropertyValues(name);
    return values.empty() ? "" : absl::string_view(values[0].data(), values[0].size());
  };
  head.certificate = first(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  head.door = first(kDoorProperty);
  const auto header = context.client_metadata().find("authorization");
  if (header != context.client_metadata().end()) {
    head.authorization = {header->second.data(), header->second.size()};
  }
  return head;
}

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const std::string& tls_folder,
                                                               CallGate* gate, std::string door) {
  grpc_server_credentials* const credentials =
      tls_folder.empty() ? grpc_insecure_server_credentials_create() : TlsCredentialsOf(tls_folder);
  return std::make_shared<GatedCredentials>(credentials, gate, std::move(door));
}

}  // namespace firstguess
