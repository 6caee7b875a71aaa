#include "common/rpc/status.h"

#include <string>

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

TEST(RpcStatus, AMessageLongerThanTrailersTakeIsCutBetweenCharacters) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += "\u00e9";
  const std::string cut = ToGrpcStatus(absl::InvalidArgumentError(lines)).error_message();
  EXPECT_LT(3 * cut.size(), 8u << 10);
  ASSERT_EQ(cut.substr(cut.size() - 6), " [...]");
  EXPECT_EQ((cut.size() - 6) % 2, 0u);
}

}  // namespace
}  // namespace firstguess
