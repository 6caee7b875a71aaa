#pragma once

#include <string>

namespace firstguess {

// What 'firstguess' without arguments says: what to do next, given what lies in `folder`: databases
// of ours, by their mark, and sweep files, by their names.
std::string FirstSteps(const std::string& folder);

}  // namespace firstguess
