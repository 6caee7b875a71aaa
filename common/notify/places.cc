#include "common/notify/places.h"

#include <utility>

#include "common/notify/run_command.h"
#include "common/notify/webhook.h"

namespace firstguess {

absl::StatusOr<std::vector<std::unique_ptr<Notifier>>> MakeNotifiers(
    const NotifyPlaces& places, const Notifier::Options& options,
    const Notifier::GivenUp& given_up) {
  std::vector<std::unique_ptr<Notifier>> notifiers;
  const auto add = [&](std::string place, Notifier::Deliver deliver) {
    Notifier::Options own = options;
    own.place = std::move(place);
    notifiers.push_back(std::make_unique<Notifier>(std::move(own), std::move(deliver), given_up));
  };
  if (!places.webhook.empty()) {
    const absl::StatusOr<Webhook> webhook = Webhook::Parse(places.webhook);
    if (!webhook.ok()) return webhook.status();
    add(webhook->origin(),
        [webhook = *webhook](const EndedSweep& sweep, const std::function<bool()>&) {
          return webhook.Post(sweep.ToJson());
        });
  }
  if (!places.command.empty()) {
    add("command",
        [command = places.command](const EndedSweep& sweep, const std::function<bool()>& stopping) {
          return RunCommand(command, sweep, stopping);
        });
  }
  return notifiers;
}

}  // namespace firstguess
