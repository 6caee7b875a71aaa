#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "common/spec/sweep.h"
#include "coordinator/service/view.h"
#include "coordinator/store/store.h"
#include "firstguess/v1/sweep_service.pb.h"

namespace firstguess {

// Up to this many cells are looked up one by one; of more, a sample stands for all of them.
inline constexpr uint64_t kMostCountedCells = 1'000'000;
inline constexpr uint64_t kSampledCells = 10'000;

// What a sweep would do. Blocks: reads the store. Cancelled once `cancelled` says so.
absl::StatusOr<v1::PreviewResponse> PreviewOf(std::shared_ptr<const Sweep> sweep, const View& view,
                                              Store* store, const std::function<bool()>& cancelled);

}  // namespace firstguess
