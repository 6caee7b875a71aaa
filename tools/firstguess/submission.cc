#include "tools/firstguess/submission.h"

#include <random>

#include "absl/strings/str_format.h"
#include "tools/firstguess/service_source.h"

namespace firstguess {
namespace {

std::string RandomRequestId() {
  std::random_device device;
  std::string id;
  for (int i = 0; i < 4; ++i) absl::StrAppendFormat(&id, "%08x", device());
  return id;
}

}  // namespace

absl::StatusOr<Submission> SubmitSpec(const SweepClient& client, const SpecFile& spec) {
  v1::SubmitRequest request;
  request.set_request_id(RandomRequestId());
  request.set_spec(spec.text);
  request.set_spec_path(spec.path);
  const absl::StatusOr<v1::SubmitResponse> response =
      client.Call(&SweepClient::Stub::Submit, request);
  if (!response.ok()) return response.status();
  return Submission{FromProto(response->sweep()), response->existed()};
}

}  // namespace firstguess
