#include "tools/firstguess/service_source.h"

#include "tools/firstguess/client.h"
#include "tools/firstguess/sweep_source.h"

namespace firstguess {
namespace {

// A query may take as long as the coordinator lets it; this only ends one that is stuck.
constexpr absl::Duration kQueryDeadline = absl::Minutes(2);

RowValue FromProto(const v1::QueryValue& value) {
  switch (value.value_case()) {
    case v1::QueryValue::kInteger:
      return value.integer();
    case v1::QueryValue::kReal:
      return value.real();
    case v1::QueryValue::kText:
      return value.text();
    case v1::QueryValue::kBlob:
      return Blob{value.blob()};
    case v1::QueryValue::VALUE_NOT_SET:
      break;
  }
  return std::monostate();
}

class ServiceSource final : public SweepSource {
 public:
  explicit ServiceSource(std::unique_ptr<SweepClient> client) : client_(std::move(client)) {}

  absl::StatusOr<std::vector<SweepNumbers>> List() override {
    const absl::StatusOr<v1::ListResponse> response =
        client_->Call(&SweepClient::Stub::List, v1::ListRequest());
    if (!response.ok()) return response.status();
    std::vector<SweepNumbers> sweeps;
    for (const v1::SweepStatus& sweep : response->sweeps()) {
      sweeps.push_back(firstguess::FromProto(sweep));
    }
    return sweeps;
  }

  absl::StatusOr<SweepDetails> Get(const std::string& name) override {
    v1::GetRequest request;
    request.set_name(name);
    const absl::StatusOr<v1::GetResponse> response =
        client_->Call(&SweepClient::Stub::Get, request);
    if (!response.ok()) return response.status();
    SweepDetails details;
    details.numbers = firstguess::FromProto(response->sweep());
    details.spec = response->spec();
    for (const v1::FailureGroup& group : response->failures()) {
      details.failures.push_back({group.failure_class(), group.message(), group.trials(),
                                  group.worker(), group.log_tail()});
    }
    return details;
  }

  absl::Status Query(const std::string& sql, RowSink* sink) override {
    grpc::ClientContext context;
    SetDeadline(context, kQueryDeadline);
    v1::QueryRequest request;
    request.set_sql(sql);
    const auto reader = client_->stub()->Query(&context, request);
    v1::QueryResponse response;
    bool first = true;
    bool wanted = true;
    while (wanted && reader->Read(&response)) {
      if (first) sink->Columns({response.columns().begin(), response.columns().end()});
      first = false;
      for (const v1::QueryRow& row : response.rows()) {
        std::vector<RowValue> values;
        for (const v1::QueryValue& value : row.values()) values.push_back(FromProto(value));
        wanted = sink->Row(values);
        if (!wanted) break;
      }
    }
    if (!wanted) context.TryCancel();
    const absl::Status status = FromGrpcStatus(reader->Finish());
    if (wanted && !status.ok()) return status;
    sink->Finish();
    return absl::OkStatus();
  }

  Failure Explain(const absl::Status& status) const override {
    return ServiceFailure(status, client_->address());
  }

 private:
  const std::unique_ptr<SweepClient> client_;
};

}  // namespace

SweepNumbers FromProto(const v1::SweepStatus& status) {
  SweepNumbers numbers;
  numbers.name = status.name();
  numbers.revision = status.revision();
  numbers.state = status.state();
  numbers.priority = status.priority();
  numbers.cells = status.cells();
  numbers.done = status.done();
  numbers.failed = status.failed();
  numbers.cancelled = status.cancelled();
  numbers.leased = status.leased();
  numbers.pending = status.pending();
  numbers.diverged = status.diverged();
  numbers.created_at = status.created_at();
  if (status.has_finished_at()) numbers.finished_at = status.finished_at();
  numbers.trials_per_second = status.trials_per_second();
  if (status.has_remaining_seconds()) numbers.remaining_seconds = status.remaining_seconds();
  numbers.waiting_reason = status.waiting_reason();
  return numbers;
}

absl::StatusOr<std::unique_ptr<SweepSource>> OpenServiceSource(const std::string& address,
                                                               const CallerSecurity& security) {
  absl::StatusOr<std::unique_ptr<SweepClient>> client = SweepClient::Make(address, security);
  if (!client.ok()) return client.status();
  return std::make_unique<ServiceSource>(*std::move(client));
}

}  // namespace firstguess
