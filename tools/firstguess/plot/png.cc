#include "tools/firstguess/plot/png.h"

#include "absl/time/time.h"
#include "tools/firstguess/run_program.h"

namespace firstguess {

absl::Status DrawPng(const std::string& svg, const std::string& png) {
  return RunProgram({"rsvg-convert", "--zoom", "2", "--output", png, svg}, absl::Minutes(1))
      .status();
}

}  // namespace firstguess
