#pragma once

#include <string>

#include "absl/status/status.h"
#include "coordinator/web/http_server.h"
#include "nlohmann/json.hpp"

namespace firstguess {

// Bytes that are not UTF-8 become U+FFFD, so that no data can make it fail.
HttpServer::Answer JsonAnswer(const nlohmann::ordered_json& json, int code = 200);

// {"error": "…"} with the HTTP code that the status comes closest to.
HttpServer::Answer ErrorAnswer(const absl::Status& status);

// A parameter of the request; empty if it has none.
std::string Parameter(const HttpServer::Request& request, const std::string& name);

// The members of a JSON body that are texts, by name. InvalidArgument: the body is no JSON object.
absl::StatusOr<nlohmann::json> JsonBody(const HttpServer::Request& request);
std::string Text(const nlohmann::json& object, const std::string& name);

}  // namespace firstguess
