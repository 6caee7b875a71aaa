#include "tests/tools/fake_sweep_service.h"

#include "absl/strings/str_cat.h"

namespace firstguess {

FakeSweepService::FakeSweepService() {
  v1::WorkerStatus worker;
  worker.set_name("node3");
  worker.set_device("cpu");
  worker.set_state("cannot work");
  worker.set_reason("no data set was found in /data");
  worker.set_heartbeat_age_seconds(2);
  worker.set_trainer_seconds(8);
  worker.set_trainer_busy_seconds(7);
  SetWorkers({worker});
}

void FakeSweepService::SetSpec(std::string spec) {
  MutexLock lock(&mutex_);
  spec_ = std::move(spec);
}

void FakeSweepService::SetWorkers(std::vector<v1::WorkerStatus> workers) {
  MutexLock lock(&mutex_);
  workers_ = std::move(workers);
}

void FakeSweepService::FailWith(grpc::Status status) {
  MutexLock lock(&mutex_);
  failure_ = std::move(status);
}

void FakeSweepService::SetStatuses(std::vector<v1::SweepStatus> statuses) {
  MutexLock lock(&mutex_);
  statuses_ = std::move(statuses);
}

std::vector<std::string> FakeSweepService::calls() const {
  MutexLock lock(&mutex_);
  return calls_;
}

grpc::Status FakeSweepService::Called(const std::string& call) {
  MutexLock lock(&mutex_);
  calls_.push_back(call);
  return failure_;
}

v1::SweepStatus FakeSweepService::LastStatus() const {
  MutexLock lock(&mutex_);
  return statuses_.empty() ? v1::SweepStatus() : statuses_.back();
}

grpc::Status FakeSweepService::Submit(grpc::ServerContext*, const v1::SubmitRequest* request,
                                      v1::SubmitResponse* response) {
  *response->mutable_sweep() = LastStatus();
  return Called(absl::StrCat("Submit, request id of ", request->request_id().size()));
}

grpc::Status FakeSweepService::List(grpc::ServerContext*, const v1::ListRequest*,
                                    v1::ListResponse* response) {
  *response->add_sweeps() = LastStatus();
  return Called("List");
}

grpc::Status FakeSweepService::Get(grpc::ServerContext*, const v1::GetRequest*,
                                   v1::GetResponse* response) {
  *response->mutable_sweep() = LastStatus();
  {
    MutexLock lock(&mutex_);
    response->set_spec(spec_);
  }
  v1::FailureGroup* group = response->add_failures();
  group->set_failure_class("crash");
  group->set_message("the trainer was killed by signal 9");
  group->set_trials(3);
  group->set_worker("node3");
  group->set_log_tail("loading\nBus error");
  return Called("Get");
}

grpc::Status FakeSweepService::Watch(grpc::ServerContext*, const v1::WatchRequest*,
                                     grpc::ServerWriter<v1::SweepStatus>* writer) {
  const grpc::Status status = Called("Watch");
  MutexLock lock(&mutex_);
  for (const v1::SweepStatus& sent : statuses_) writer->Write(sent);
  return status;
}

grpc::Status FakeSweepService::Pause(grpc::ServerContext*, const v1::PauseRequest* request,
                                     v1::SweepStatus* status) {
  *status = LastStatus();
  return Called(absl::StrCat("Pause ", request->name()));
}

grpc::Status FakeSweepService::RetryFailed(grpc::ServerContext*,
                                           const v1::RetryFailedRequest* request,
                                           v1::SweepStatus* status) {
  *status = LastStatus();
  std::string call = absl::StrCat("RetryFailed ", request->name());
  for (const int failure_class : request->classes()) {
    absl::StrAppend(&call, " ",
                    v1::FailureClass_Name(static_cast<v1::FailureClass>(failure_class)));
  }
  return Called(call);
}

grpc::Status FakeSweepService::Query(grpc::ServerContext*, const v1::QueryRequest* request,
                                     grpc::ServerWriter<v1::QueryResponse>* writer) {
  const grpc::Status status = Called(absl::StrCat("Query ", request->sql()));
  if (!status.ok()) return status;
  v1::QueryResponse response;
  response.add_columns("loss");
  response.add_columns("max_guess");
  for (int message = 0; message < 2; ++message) {
    v1::QueryRow* row = response.add_rows();
    row->add_values()->set_text(absl::StrCat("loss ", message));
    row->add_values()->set_real(0.25);
    row = response.add_rows();
    row->add_values()->set_integer(message);
    row->add_values();
    writer->Write(response);
    response.Clear();
  }
  return grpc::Status::OK;
}

grpc::Status FakeSweepService::ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                                           v1::ListWorkersResponse* response) {
  {
    MutexLock lock(&mutex_);
    for (const v1::WorkerStatus& worker : workers_) *response->add_workers() = worker;
  }
  return Called("ListWorkers");
}

grpc::Status FakeSweepService::DrainWorker(grpc::ServerContext*,
                                           const v1::DrainWorkerRequest* request,
                                           v1::DrainWorkerResponse* response) {
  response->set_workers(1);
  return Called(absl::StrCat("DrainWorker ", request->name()));
}

std::unique_ptr<grpc::Server> FakeSweepService::Serve(const std::string& address) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(this);
  return builder.BuildAndStart();
}

}  // namespace firstguess
