#include "common/notify/ended_sweep.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace firstguess {
namespace {

nlohmann::ordered_json Facts(const EndedSweep& sweep) {
  return {{"sweep", sweep.name},
          {"revision", sweep.revision},
          {"state", sweep.state},
          {"cells", sweep.cells},
          {"done", sweep.done},
          {"failed", sweep.failed},
          {"cancelled", sweep.cancelled},
          {"diverged", sweep.diverged},
          {"created_at", sweep.created_at},
          {"finished_at", sweep.finished_at},
          {"wall_seconds", std::round((sweep.finished_at - sweep.created_at) * 1000) / 1000}};
}

}  // namespace

std::string EndedSweep::ToJson() const {
  nlohmann::ordered_json json = {{"event", "sweep_finished"}};
  json.update(Facts(*this));
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> EndedSweep::ToEnvironment() const {
  const nlohmann::ordered_json facts = Facts(*this);
  std::vector<std::string> environment;
  for (const auto& [key, value] : facts.items()) {
    environment.push_back(
        absl::StrCat("FIRSTGUESS_", absl::AsciiStrToUpper(key), "=",
                     value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return environment;
}

}  // namespace firstguess
