#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/notify/notifier.h"

namespace firstguess {

// Whom to tell of sweeps that end. Empty: nobody.
struct NotifyPlaces {
  std::string command = "";  // run with /bin/sh
  std::string webhook = "";  // a URL

  bool none() const { return command.empty() && webhook.empty(); }
};

// A notifier for each place, each with `options` but for its name. InvalidArgument: the webhook is
// no URL.
absl::StatusOr<std::vector<std::unique_ptr<Notifier>>> MakeNotifiers(
    const NotifyPlaces& places, const Notifier::Options& options,
    const Notifier::GivenUp& given_up);

}  // namespace firstguess
