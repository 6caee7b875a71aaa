#pragma once

#include <string>
#include <vector>

#include "tools/firstguess/context.h"

namespace firstguess {

// What 'firstguess list' can list besides sweeps: what a sweep file may say.
inline const std::vector<std::string> kListableNames = {"losses", "models", "datasets", "fields"};

// Prints the names of one of kListableNames with what they mean, their defaults and ranges, from
// the tables that sweep files are checked against. Returns the exit code.
int ListNames(const std::string& what, bool json, Context* context);

}  // namespace firstguess
