#pragma once

#include <cstdint>
#include <string>

#include "firstguess/v1/sweep_service.pb.h"
#include "nlohmann/json.hpp"

namespace firstguess {

// A sweep file against the sweep of its name that is there with another spec: what the next
// revision would change.
struct SpecChange {
  int64_t revision = 1;  // that is there
  int64_t kept = 0;      // cells
  int64_t added = 0;
  int64_t dropped = 0;
  int64_t known = 0;  // of the added, those whose trials exist already, from any sweep
  bool known_is_exact = true;
};

SpecChange FromProto(const v1::SpecChange& change);

nlohmann::ordered_json ToJson(const SpecChange& change);

// "6 cells kept, 3 added (1 of them known already), 0 dropped".
std::string InWords(const SpecChange& change);

}  // namespace firstguess
