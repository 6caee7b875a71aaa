#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "coordinator/service/engine.h"
#include "coordinator/store/store.h"
#include "coordinator/web/background_answers.h"
#include "coordinator/web/http_server.h"
#include "coordinator/web/latest_view.h"
#include "coordinator/web/sql_answers.h"
#include "coordinator/web/web_token.h"

namespace firstguess {

// The pages that people look at in a browser, and what those ask for (/api/…; the table in
// README.md has them all). Thread-safe.
class Dashboard {
 public:
  struct Sources {
    Engine* engine = nullptr;
    LatestView* view = nullptr;
    Store* store = nullptr;
    Clock* clock = nullptr;
    std::function<bool()> disk_full = [] { return false; };
    std::string database;  // path
    std::string version;
    WebToken token;
  };

  // What the sources point at outlives it.
  explicit Dashboard(Sources sources);

  // They use this object.
  std::vector<HttpServer::Page> Pages();

 private:
  HttpServer::Answer Overview();
  HttpServer::Answer CurvesOf(const HttpServer::Request& request);
  HttpServer::Answer FailuresOf(const HttpServer::Request& request);

  const Sources sources_;
  SqlAnswers sql_;
  BackgroundAnswers background_;
};

}  // namespace firstguess
