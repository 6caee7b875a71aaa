#include "tools/firstguess/open_sweeps.h"

#include <algorithm>

#include "tools/firstguess/service_source.h"

namespace firstguess {
namespace {

constexpr absl::Duration kListPatience = absl::Seconds(2);

}  // namespace

absl::Status OpenSweeps::Look() {
  const absl::StatusOr<v1::ListResponse> response =
      client_->Call(&SweepClient::Stub::List, v1::ListRequest(), kListPatience);
  if (!response.ok()) return response.status();
  sweeps_.clear();
  for (const v1::SweepStatus& status : response->sweeps()) {
    SweepNumbers numbers = FromProto(status);
    if (!numbers.all_ended()) followed_.insert(numbers.name);
    if (followed_.count(numbers.name) > 0) sweeps_.push_back(std::move(numbers));
  }
  return absl::OkStatus();
}

bool OpenSweeps::all_ended() const {
  return std::all_of(sweeps_.begin(), sweeps_.end(),
                     [](const SweepNumbers& numbers) { return numbers.all_ended(); });
}

}  // namespace firstguess
