#include "common/rpc/status.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(RpcStatus, EveryCodeSurvivesBothWays) {
  for (int code = 0; code <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), code == 0 ? "" : "why");
    EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status)), status) << code;
  }
}

TEST(RpcStatus, AConnectionThatBrokeUnderACallIsUnavailable) {
  EXPECT_EQ(FromGrpcStatus(grpc::Status(grpc::StatusCode::UNKNOWN, "Stream removed")).code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(FromGrpcStatus(grpc::Status(grpc::StatusCode::UNKNOWN, "something else")).code(),
            absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace firstguess
