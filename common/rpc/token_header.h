#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/support/client_interceptor.h"

namespace firstguess {

// Puts the token of a file (secret_file.h) in the headers of each call: "authorization: Bearer …".
// A file that changes is read again at the next call. Errors: of ReadTokenFile.
absl::StatusOr<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>
MakeTokenHeader(const std::string& path);

}  // namespace firstguess
