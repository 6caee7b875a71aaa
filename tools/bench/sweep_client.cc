#include "tools/bench/sweep_client.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "tools/bench/require.h"

namespace firstguess {

std::string BenchSpec(const std::string& name, int64_t trials, int64_t pack) {
  return absl::StrCat("name: ", name,
                      "\ndataset: fashion-mnist\n"
                      "train: {optimizer: adam, learning_rate: 0.0005, steps: 200}\n"
                      "measure: {points: 29}\n"
                      "pack: {max_trials: ",
                      pack, ", max_flops: 1.0e+15}\ngrid: {seed: {range: [0, ", trials - 1,
                      "]}}\n");
}

SweepClient::SweepClient(const std::string& address)
    : stub_(v1::SweepService::NewStub(*MakeChannel(address))) {}

void SweepClient::Ask() const {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ListResponse response;
  const grpc::Status status = stub_->List(&context, {}, &response);
  Require(status.ok(), status.error_message());
}

int64_t SweepClient::ConnectedWorkers() const {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ListWorkersResponse response;
  const grpc::Status status = stub_->ListWorkers(&context, {}, &response);
  Require(status.ok(), status.error_message());
  return std::count_if(response.workers().begin(), response.workers().end(),
                       [](const auto& worker) { return worker.state() == "connected"; });
}

void SweepClient::AwaitWorkers(int64_t workers) const {
  while (ConnectedWorkers() < workers) usleep(1000);
}

void SweepClient::Submit(const std::string& spec) const {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::SubmitRequest request;
  request.set_spec(spec);
  v1::SubmitResponse response;
  const grpc::Status status = stub_->Submit(&context, request, &response);
  Require(status.ok(), status.error_message());
}

v1::SweepStatus SweepClient::Get(const std::string& name) const {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetRequest request;
  request.set_name(name);
  v1::GetResponse response;
  const grpc::Status status = stub_->Get(&context, request, &response);
  Require(status.ok(), status.error_message());
  return response.sweep();
}

void SweepClient::AwaitEnd(const std::string& name) const {
  grpc::ClientContext context;
  v1::WatchRequest request;
  request.set_name(name);
  const auto reader = stub_->Watch(&context, request);
  v1::SweepStatus sweep;
  while (reader->Read(&sweep)) {
  }
  Require(reader->Finish().ok() && sweep.done() == sweep.cells(), "the sweep was not done");
}

}  // namespace firstguess
