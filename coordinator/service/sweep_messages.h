#pragma once

#include "coordinator/service/view.h"
#include "firstguess/v1/sweep_service.pb.h"

namespace firstguess {

// What is seen of sweeps and workers, as SweepService's messages.
v1::SweepStatus ToProto(const SweepView& sweep, const View& view);
v1::WorkerStatus ToProto(const WorkerView& worker);

}  // namespace firstguess
