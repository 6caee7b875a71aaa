#include "common/rpc/status.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace firstguess {
namespace {

// A status travels in the trailers, of which gRPC takes 8 KiB in all unless told otherwise; a
// longer message would lose the status itself.
constexpr size_t kLongestEncoded = 6 << 10;

std::string Shortened(absl::string_view message) {
  size_t encoded = 0;
  for (size_t i = 0; i < message.size(); ++i) {
    const unsigned char c = message[i];
    const bool starts_character = (c & 0xC0) != 0x80;
    if (encoded > kLongestEncoded && starts_character) {
      return absl::StrCat(message.substr(0, i), " [...]");
    }
    const bool plain = c >= 0x20 && c < 0x7F && c != '%';
    encoded += plain ? 1 : 3;
  }
  return std::string(message);
}

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  auto code = static_cast<absl::StatusCode>(status.error_code());
  if (code == absl::StatusCode::kUnknown &&
      absl::StrContains(status.error_message(), "Stream removed")) {
    code = absl::StatusCode::kUnavailable;
  }
  return absl::Status(code, status.error_message());
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), Shortened(status.message()));
}

}  // namespace firstguess
