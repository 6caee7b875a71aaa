#pragma once

#include <string>

namespace firstguess {

// The first column of the statement's first row; 0 for NULL. Exits on errors.
double QueryNumber(const std::string& database, const std::string& sql);

}  // namespace firstguess
