#pragma once

#include <string>

namespace firstguess {

// The views of the present version, as SQL. They hold no rows, so they are not part of the steps in
// which the tables grew: whoever brings a file to this version drops and creates them. Stable: they
// only gain columns; pinned by tests/coordinator/store/schema_test.cc.

// The tables can change under no view: SQLite checks views when a table is altered.
std::string DropViews();

std::string CreateViews();

}  // namespace firstguess
