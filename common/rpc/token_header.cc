#include "common/rpc/token_header.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/secret_file.h"
#include "common/watched_file.h"
#include "grpcpp/support/interceptor.h"

namespace firstguess {
namespace {

using grpc::experimental::ClientRpcInfo;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;

class TokenHeader final : public Interceptor {
 public:
  explicit TokenHeader(std::string value) : value_(std::move(value)) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->insert({"authorization", value_});
    }
    methods->Proceed();
  }

 private:
  const std::string value_;
};

class TokenHeaders final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  TokenHeaders(std::string path, std::string token)
      : file_(std::move(path)), token_(std::move(token)) {
    file_.Changed();
  }

  Interceptor* CreateClientInterceptor(ClientRpcInfo*) override EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (file_.Changed()) {
      absl::StatusOr<std::string> token = ReadTokenFile(file_.path());
      if (token.ok()) {
        token_ = *std::move(token);
      } else {
        Log(LogLevel::kWarning, "the token of before is used on",
            {{"why", token.status().message()}});
      }
    }
    return new TokenHeader(absl::StrCat("Bearer ", token_));
  }

 private:
  Mutex mutex_;
  WatchedFile file_ GUARDED_BY(mutex_);
  std::string token_ GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>
MakeTokenHeader(const std::string& path) {
  absl::StatusOr<std::string> token = ReadTokenFile(path);
  if (!token.ok()) return token.status();
  return std::make_unique<TokenHeaders>(path, *std::move(token));
}

}  // namespace firstguess
