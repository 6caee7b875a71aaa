#include "coordinator/service/view.h"

namespace firstguess {

const SweepView* View::FindSweep(absl::string_view name) const {
  for (const SweepView& sweep : sweeps) {
    if (sweep.name == name) return &sweep;
  }
  return nullptr;
}

const SweepView* View::FindSweep(SweepId sweep_id) const {
  for (const SweepView& sweep : sweeps) {
    if (sweep.sweep_id == sweep_id) return &sweep;
  }
  return nullptr;
}

}  // namespace firstguess
