#include "tools/firstguess/json_text.h"

namespace firstguess {

std::string JsonText(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace firstguess
