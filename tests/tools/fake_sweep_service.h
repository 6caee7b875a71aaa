#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/mutex.h"
#include "firstguess/v1/sweep_service.grpc.pb.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace firstguess {

// A SweepService that answers what a test tells it to, on a unix socket. Thread-safe.
class FakeSweepService final : public v1::SweepService::Service {
 public:
  FakeSweepService();

  // What every unary call ends with, unless OK.
  void FailWith(grpc::Status status) EXCLUDES(mutex_);
  // What calls about a sweep answer; Watch sends all of them, one after the other, then ends.
  void SetStatuses(std::vector<v1::SweepStatus> statuses) EXCLUDES(mutex_);

  // What Get and ListWorkers answer.
  void SetSpec(std::string spec) EXCLUDES(mutex_);
  void SetWorkers(std::vector<v1::WorkerStatus> workers) EXCLUDES(mutex_);

  grpc::Status Submit(grpc::ServerContext*, const v1::SubmitRequest* request,
                      v1::SubmitResponse* response) override;
  grpc::Status List(grpc::ServerContext*, const v1::ListRequest*,
                    v1::ListResponse* response) override;
  grpc::Status Get(grpc::ServerContext*, const v1::GetRequest*, v1::GetResponse* response) override;
  grpc::Status Watch(grpc::ServerContext*, const v1::WatchRequest*,
                     grpc::ServerWriter<v1::SweepStatus>* writer) override;
  grpc::Status Pause(grpc::ServerContext*, const v1::PauseRequest*,
                     v1::SweepStatus* status) override;
  grpc::Status RetryFailed(grpc::ServerContext*, const v1::RetryFailedRequest* request,
                           v1::SweepStatus* status) override;
  grpc::Status Query(grpc::ServerContext*, const v1::QueryRequest* request,
                     grpc::ServerWriter<v1::QueryResponse>* writer) override;
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                           v1::ListWorkersResponse* response) override;
  grpc::Status DrainWorker(grpc::ServerContext*, const v1::DrainWorkerRequest* request,
                           v1::DrainWorkerResponse* response) override;

  // What was asked, one readable line a call.
  std::vector<std::string> calls() const EXCLUDES(mutex_);

  // Listens until the server is destroyed.
  std::unique_ptr<grpc::Server> Serve(const std::string& address);

 private:
  grpc::Status Called(const std::string& call) EXCLUDES(mutex_);
  v1::SweepStatus LastStatus() const EXCLUDES(mutex_);

  mutable Mutex mutex_;
  grpc::Status failure_ GUARDED_BY(mutex_);
  std::vector<v1::SweepStatus> statuses_ GUARDED_BY(mutex_);
  std::string spec_ GUARDED_BY(mutex_) = "name: first-guess\n";
  std::vector<v1::WorkerStatus> workers_ GUARDED_BY(mutex_);
  std::vector<std::string> calls_ GUARDED_BY(mutex_);
};

}  // namespace firstguess
