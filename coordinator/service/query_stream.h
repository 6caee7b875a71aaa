#pragma once

#include <string>
#include <vector>

#include "common/rpc/server_writer.h"
#include "coordinator/store/sqlite/user_query.h"
#include "firstguess/v1/sweep_service.pb.h"

namespace firstguess {

// One Query call: somebody's SQL, run read-only under limits, its rows sent in batches as they are
// found.
class QueryStream final : public ServerWriter<v1::QueryResponse>, private sqlite::QuerySink {
 public:
  QueryStream(grpc::CallbackServerContext* context, std::string database, v1::QueryRequest request);

  // Runs the query and ends the stream. Blocks; not for gRPC's threads. Called once.
  void Run();

 private:
  void Columns(const std::vector<std::string>& names) override;
  bool Row(const std::vector<sqlite::QueryValue>& values) override;
  bool SendBatch();

  const std::string database_;
  const v1::QueryRequest request_;
  v1::QueryResponse batch_;
  int64_t batch_bytes_ = 0;
  int64_t rows_ = 0;
  absl::Duration end_;  // of the query's time, by the machine's clock
};

}  // namespace firstguess
