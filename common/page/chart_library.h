#pragma once

#include "absl/strings/string_view.h"

namespace firstguess {

// echarts.min.js, its licence at its head, embedded at build. Static.
absl::string_view ChartLibrary();

}  // namespace firstguess
