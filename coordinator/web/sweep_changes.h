#pragma once

#include "coordinator/service/engine.h"
#include "coordinator/web/http_server.h"
#include "coordinator/web/web_token.h"

namespace firstguess {

// Pause, resume and cancel, for who has the token. The body: {"sweep": "name", "action": "pause"}.
// Answers once the change is on disk, or after some seconds that it is not yet. Blocks.
HttpServer::Answer ChangeAnswer(Engine* engine, const WebToken& token,
                                const HttpServer::Request& request);

}  // namespace firstguess
