#pragma once

#include <atomic>
#include <string>

#include "coordinator/web/http_server.h"

namespace firstguess {

// Answers the dashboard's SQL page: one statement that may only read, under limits, on a snapshot;
// two at a time, others are told to try again. Thread-safe.
class SqlAnswers {
 public:
  explicit SqlAnswers(std::string database) : database_(std::move(database)) {}

  // The body: {"sql": "SELECT …", "values": {"depth": "3"}}, a value for each :name. Blocks for as
  // long as the query takes.
  HttpServer::Answer Answer(const HttpServer::Request& request);

 private:
  const std::string database_;
  std::atomic<int> under_way_ = 0;
};

// /api/cookbook: the questions that people ask, with their SQL.
HttpServer::Answer CookbookAnswer();

}  // namespace firstguess
