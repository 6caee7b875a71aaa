#pragma once

#include "absl/strings/string_view.h"

namespace firstguess {

// The scripts of charts/, joined. They are embedded in the program and live as long as it does.
absl::string_view ChartScripts();

}  // namespace firstguess
