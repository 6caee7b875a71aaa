#pragma once

#include <optional>
#include <string>

#include "tools/firstguess/estimate.h"
#include "tools/firstguess/gpu_packs.h"
#include "tools/firstguess/spec_file.h"
#include "tools/firstguess/terminal.h"

namespace firstguess {

// What is shown, whoever computed it.
struct Preview {
  Estimate estimate;
  double seconds = 0;           // 0: not known
  std::string basis;            // of the seconds, in words
  std::string sweep_there;      // what the sweep's name stands for already; empty: nothing
  std::optional<GpuPacks> gpu;  // when a GPU is to train it
};

// The shape of the grid, then numbers, then what is probably not meant.
void PrintPreview(const Preview& preview, const SpecFile& spec, Terminal* out);

// The same as one object in one line.
void PrintPreviewJson(const Preview& preview, const SpecFile& spec, Terminal* out);

}  // namespace firstguess
