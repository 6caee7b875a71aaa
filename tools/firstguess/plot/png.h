#pragma once

#include <string>

#include "absl/status/status.h"

namespace firstguess {

// Draws the SVG file at `svg` as a PNG file at `png`, with twice its pixels each way, by librsvg's
// program rsvg-convert. NotFound: there is no such program.
absl::Status DrawPng(const std::string& svg, const std::string& png);

}  // namespace firstguess
