#pragma once

#include <optional>

#include "CLI/App.hpp"
#include "common/notify/places.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/interrupt.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

// --on-finish and --webhook: whom to tell once the sweep has ended.
void AddOnFinishOptions(CLI::App* command, NotifyPlaces* places);

// What is wrong with them, to be said before anything begins.
std::optional<Failure> CheckOnFinish(const NotifyPlaces& places);

// Tells them and waits until they were told, were given up (after three more tries, some seconds in
// all), or a signal arrives. Says on the error output who could not be told; changes no exit code.
void TellOfEnd(const NotifyPlaces& places, const SweepNumbers& numbers, Interrupt* interrupt,
               Context* context);

}  // namespace firstguess
