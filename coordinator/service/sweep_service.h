#pragma once

#include <string>
#include <vector>

#include "coordinator/service/authenticator.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/executor.h"
#include "coordinator/store/store.h"
#include "firstguess/v1/sweep_service.grpc.pb.h"

namespace firstguess {

// The gRPC edge for people and their tools: checks, translates, asks the engine or the store, and
// answers. It decides nothing; who may call was decided before (authenticator.h). What reads the
// database or a sweep file runs on threads of its own, short jobs apart from those that may take
// seconds. Thread-safe.
class SweepServiceImpl final : public v1::SweepService::CallbackService {
 public:
  // `engine`, `store` and `authenticator` outlive the service.
  SweepServiceImpl(Engine* engine, Store* store, std::string database,
                   Authenticator* authenticator);

  grpc::ServerUnaryReactor* Preview(grpc::CallbackServerContext* context,
                                    const v1::PreviewRequest* request,
                                    v1::PreviewResponse* response) override;
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context,
                                   const v1::SubmitRequest* request,
                                   v1::SubmitResponse* response) override;
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const v1::ListRequest*,
                                 v1::ListResponse* response) override;
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context, const v1::GetRequest* request,
                                v1::GetResponse* response) override;
  grpc::ServerWriteReactor<v1::SweepStatus>* Watch(grpc::CallbackServerContext* context,
                                                   const v1::WatchRequest* request) override;
  grpc::ServerUnaryReactor* Pause(grpc::CallbackServerContext* context,
                                  const v1::PauseRequest* request,
                                  v1::SweepStatus* response) override;
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext* context,
                                   const v1::ResumeRequest* request,
                                   v1::SweepStatus* response) override;
  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext* context,
                                   const v1::CancelRequest* request,
                                   v1::SweepStatus* response) override;
  grpc::ServerUnaryReactor* RetryFailed(grpc::CallbackServerContext* context,
                                        const v1::RetryFailedRequest* request,
                                        v1::SweepStatus* response) override;
  grpc::ServerWriteReactor<v1::QueryResponse>* Query(grpc::CallbackServerContext* context,
                                                     const v1::QueryRequest* request) override;
  grpc::ServerUnaryReactor* ListWorkers(grpc::CallbackServerContext* context,
                                        const v1::ListWorkersRequest*,
                                        v1::ListWorkersResponse* response) override;
  grpc::ServerUnaryReactor* DrainWorker(grpc::CallbackServerContext* context,
                                        const v1::DrainWorkerRequest* request,
                                        v1::DrainWorkerResponse* response) override;

 private:
  grpc::ServerUnaryReactor* Change(grpc::CallbackServerContext* context, ChangeSweep change,
                                   absl::string_view method, v1::SweepStatus* response);

  Engine* const engine_;
  Store* const store_;
  const std::string database_;
  Authenticator* const authenticator_;
  Executor short_jobs_;
  Executor long_jobs_;
};

}  // namespace firstguess
