#include "tools/firstguess/submission.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/firstguess/service_source.h"

namespace firstguess {
namespace {

// A preview of many cells takes the coordinator longer than other calls.
constexpr absl::Duration kPreviewDeadline = absl::Minutes(2);

std::string RandomRequestId() {
  std::random_device device;
  std::string id;
  for (int i = 0; i < 4; ++i) absl::StrAppendFormat(&id, "%08x", device());
  return id;
}

// What the next revision would change; nothing: no sweep has the name, or it has this very spec.
absl::StatusOr<std::optional<SpecChange>> AskWhatChanges(const SweepClient& client,
                                                         const SpecFile& spec) {
  v1::PreviewRequest request;
  request.set_spec(spec.text);
  request.set_spec_path(spec.path);
  const absl::StatusOr<v1::PreviewResponse> response =
      client.Call(&SweepClient::Stub::Preview, request, kPreviewDeadline);
  if (!response.ok()) return response.status();
  if (!response->has_change() || response->change().same_spec()) return std::nullopt;
  return FromProto(response->change());
}

// The name is taken by another spec, and nobody asked for a revision.
Failure NotExtended(const SweepClient& client, const SpecFile& spec, const absl::Status& status,
                    const std::string& where) {
  const auto change = AskWhatChanges(client, spec);
  const std::string name = spec.sweep.name;
  return {kExitInput,
          {},
          change.ok() && change->has_value()
              ? absl::StrCat(where, " already holds '", name,
                             "' with another spec; of this one: ", InWords(**change), ".")
              : std::string(status.message()),
          absl::StrCat("Add --extend to make it the next revision of '", name,
                       "' (what is known is not trained again), or change the line 'name: ", name,
                       "' in ", spec.path, ".")};
}

}  // namespace

std::variant<Submission, Failure> SubmitSpec(const SweepClient& client, const SpecFile& spec,
                                             bool extend, const std::string& where) {
  Submission submission;
  if (extend) {
    auto change = AskWhatChanges(client, spec);
    if (!change.ok()) return ServiceFailure(change.status(), where);
    submission.change = *change;
  }
  v1::SubmitRequest request;
  request.set_request_id(RandomRequestId());
  request.set_spec(spec.text);
  request.set_spec_path(spec.path);
  request.set_extend(extend);
  const absl::StatusOr<v1::SubmitResponse> response =
      client.Call(&SweepClient::Stub::Submit, request);
  if (absl::IsAlreadyExists(response.status())) {
    return NotExtended(client, spec, response.status(), where);
  }
  if (!response.ok()) return ServiceFailure(response.status(), where);
  submission.numbers = FromProto(response->sweep());
  submission.existed = response->existed();
  if (!response->extended()) submission.change.reset();
  return submission;
}

}  // namespace firstguess
