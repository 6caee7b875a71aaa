#pragma once

#include <string>

#include "nlohmann/json.hpp"

namespace firstguess {

// One line of JSON. Bytes that are not UTF-8 become U+FFFD, so that no data can make it fail.
std::string JsonText(const nlohmann::ordered_json& json);

}  // namespace firstguess
