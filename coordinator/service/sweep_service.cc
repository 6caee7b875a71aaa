#include "coordinator/service/sweep_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/status.h"
#include "common/spec/sweep.h"
#include "coordinator/service/audit.h"
#include "coordinator/service/from_worker.h"
#include "coordinator/service/preview.h"
#include "coordinator/service/query_stream.h"
#include "coordinator/service/sweep_messages.h"
#include "coordinator/service/sweep_watch.h"

namespace firstguess {
namespace {

constexpr int kShortThreads = 1;
constexpr int kLongThreads = 2;
constexpr size_t kMostJobsWaiting = 64;

constexpr size_t kLongestRequestId = 256;

grpc::Status Busy() {
  return ToGrpcStatus(absl::ResourceExhaustedError(
      absl::StrCat("the coordinator has ", kMostJobsWaiting, " requests to do before this one")));
}

absl::Status NoSweep(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("there is no sweep called `", name, "`"));
}

// Errors become one line each, for as many as a status carries.
absl::StatusOr<std::shared_ptr<const Sweep>> Parse(const std::string& spec,
                                                   const std::string& path) {
  ParsedSweep parsed = ParseSweep(spec, path.empty() ? "sweep" : path);
  if (parsed.sweep.has_value()) {
    return std::make_shared<const Sweep>(*std::move(parsed.sweep));
  }
  std::string lines;
  for (const SpecError& error : parsed.errors) {
    absl::StrAppend(&lines, lines.empty() ? "" : "\n", error.ToString());
  }
  return absl::InvalidArgumentError(lines);
}

}  // namespace

SweepServiceImpl::SweepServiceImpl(Engine* engine, Store* store, std::string database,
                                   Authenticator* authenticator)
    : engine_(engine),
      store_(store),
      database_(std::move(database)),
      authenticator_(authenticator),
      short_jobs_(kShortThreads, kMostJobsWaiting),
      long_jobs_(kLongThreads, kMostJobsWaiting) {}

grpc::ServerUnaryReactor* SweepServiceImpl::Preview(grpc::CallbackServerContext* context,
                                                    const v1::PreviewRequest* request,
                                                    v1::PreviewResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  engine_->Read([=, this](std::shared_ptr<const View> view) {
    const bool taken = long_jobs_.Run([=, this, view = std::move(view)] {
      auto sweep = Parse(request->spec(), request->spec_path());
      if (!sweep.ok()) return reactor->Finish(ToGrpcStatus(sweep.status()));
      absl::StatusOr<v1::PreviewResponse> preview =
          PreviewOf(*std::move(sweep), *view, store_, [=] { return context->IsCancelled(); });
      if (preview.ok()) *response = *std::move(preview);
      reactor->Finish(ToGrpcStatus(preview.status()));
    });
    if (!taken) reactor->Finish(Busy());
  });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::Submit(grpc::CallbackServerContext* context,
                                                   const v1::SubmitRequest* request,
                                                   v1::SubmitResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  if (request->request_id().size() > kLongestRequestId) {
    reactor->Finish(ToGrpcStatus(absl::InvalidArgumentError(
        absl::StrCat("request_id has more than ", kLongestRequestId, " bytes"))));
    return reactor;
  }
  const bool taken = short_jobs_.Run([=, this] {
    auto sweep = Parse(request->spec(), request->spec_path());
    const AuditedCall audited(authenticator_, *context, "Submit",
                              sweep.ok() ? (*sweep)->name : request->spec_path());
    if (!sweep.ok()) {
      audited.End(sweep.status());
      return reactor->Finish(ToGrpcStatus(sweep.status()));
    }
    engine_->Ask(SubmitSweep{.token = 0,
                             .request_id = request->request_id(),
                             .sweep = *std::move(sweep),
                             .spec_text = request->spec(),
                             .extend = request->extend()},
                 [=](const Reply& reply, const View& view) {
                   const SweepView* const found = view.FindSweep(reply.sweep_id);
                   if (reply.status.ok() && found != nullptr) {
                     *response->mutable_sweep() = ToProto(*found, view);
                     response->set_existed(reply.existed);
                     response->set_extended(reply.extended);
                   }
                   audited.End(reply.status);
                   reactor->Finish(ToGrpcStatus(reply.status));
                 });
  });
  if (!taken) reactor->Finish(Busy());
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::List(grpc::CallbackServerContext* context,
                                                 const v1::ListRequest*,
                                                 v1::ListResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  engine_->Read([=](const std::shared_ptr<const View>& view) {
    for (const SweepView& sweep : view->sweeps) *response->add_sweeps() = ToProto(sweep, *view);
    reactor->Finish(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::Get(grpc::CallbackServerContext* context,
                                                const v1::GetRequest* request,
                                                v1::GetResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  engine_->Read([=, this](const std::shared_ptr<const View>& view) {
    const SweepView* const sweep = view->FindSweep(request->name());
    if (sweep == nullptr) return reactor->Finish(ToGrpcStatus(NoSweep(request->name())));
    *response->mutable_sweep() = ToProto(*sweep, *view);
    const bool taken = short_jobs_.Run([=, this, id = sweep->sweep_id] {
      absl::StatusOr<std::string> spec = store_->SpecText(id);
      if (!spec.ok()) return reactor->Finish(ToGrpcStatus(spec.status()));
      response->set_spec(*std::move(spec));
      const absl::StatusOr<std::vector<Store::FailureGroup>> failures = store_->Failures(id);
      if (!failures.ok()) return reactor->Finish(ToGrpcStatus(failures.status()));
      for (const Store::FailureGroup& failure : *failures) {
        v1::FailureGroup* const group = response->add_failures();
        group->set_failure_class(failure.failure_class);
        group->set_message(failure.message);
        group->set_trials(failure.trials);
        group->set_worker(failure.worker);
        group->set_log_tail(failure.log_tail);
      }
      reactor->Finish(grpc::Status::OK);
    });
    if (!taken) reactor->Finish(Busy());
  });
  return reactor;
}

grpc::ServerWriteReactor<v1::SweepStatus>* SweepServiceImpl::Watch(
    grpc::CallbackServerContext* context, const v1::WatchRequest* request) {
  auto watch = std::make_shared<SweepWatch>(
      context, request->name(),
      Permit(authenticator_, *context, "/firstguess.v1.SweepService/Watch"));
  engine_->Watch(watch);
  return SweepWatch::Open(std::move(watch));
}

grpc::ServerUnaryReactor* SweepServiceImpl::Change(grpc::CallbackServerContext* context,
                                                   ChangeSweep change, absl::string_view method,
                                                   v1::SweepStatus* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const AuditedCall audited(authenticator_, *context, method, change.name);
  engine_->Ask(std::move(change), [=](const Reply& reply, const View& view) {
    const SweepView* const found = view.FindSweep(reply.sweep_id);
    if (reply.status.ok() && found != nullptr) *response = ToProto(*found, view);
    audited.End(reply.status);
    reactor->Finish(ToGrpcStatus(reply.status));
  });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::Pause(grpc::CallbackServerContext* context,
                                                  const v1::PauseRequest* request,
                                                  v1::SweepStatus* response) {
  return Change(context,
                {.name = request->name(), .kind = ChangeSweep::Kind::kPause, .classes = {}},
                "Pause", response);
}

grpc::ServerUnaryReactor* SweepServiceImpl::Resume(grpc::CallbackServerContext* context,
                                                   const v1::ResumeRequest* request,
                                                   v1::SweepStatus* response) {
  return Change(context,
                {.name = request->name(), .kind = ChangeSweep::Kind::kResume, .classes = {}},
                "Resume", response);
}

grpc::ServerUnaryReactor* SweepServiceImpl::Cancel(grpc::CallbackServerContext* context,
                                                   const v1::CancelRequest* request,
                                                   v1::SweepStatus* response) {
  return Change(context,
                {.name = request->name(), .kind = ChangeSweep::Kind::kCancel, .classes = {}},
                "Cancel", response);
}

grpc::ServerUnaryReactor* SweepServiceImpl::RetryFailed(grpc::CallbackServerContext* context,
                                                        const v1::RetryFailedRequest* request,
                                                        v1::SweepStatus* response) {
  ChangeSweep change = {
      .name = request->name(), .kind = ChangeSweep::Kind::kRetryFailed, .classes = {}};
  for (const int failure : request->classes()) {
    const absl::StatusOr<FailureClass> known = FromProto(static_cast<v1::FailureClass>(failure));
    if (!known.ok()) {
      grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
      reactor->Finish(ToGrpcStatus(known.status()));
      return reactor;
    }
    change.classes.push_back(*known);
  }
  return Change(context, std::move(change), "RetryFailed", response);
}

grpc::ServerWriteReactor<v1::QueryResponse>* SweepServiceImpl::Query(
    grpc::CallbackServerContext* context, const v1::QueryRequest* request) {
  auto query = std::make_shared<QueryStream>(context, database_, *request);
  if (!long_jobs_.Run([query] { query->Run(); })) {
    query->Close(FromGrpcStatus(Busy()));
  }
  return QueryStream::Open(std::move(query));
}

grpc::ServerUnaryReactor* SweepServiceImpl::ListWorkers(grpc::CallbackServerContext* context,
                                                        const v1::ListWorkersRequest*,
                                                        v1::ListWorkersResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  engine_->Read([=](const std::shared_ptr<const View>& view) {
    for (const WorkerView& worker : view->workers) *response->add_workers() = ToProto(worker);
    reactor->Finish(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* SweepServiceImpl::DrainWorker(grpc::CallbackServerContext* context,
                                                        const v1::DrainWorkerRequest* request,
                                                        v1::DrainWorkerResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const AuditedCall audited(authenticator_, *context, "DrainWorker", request->name());
  engine_->Ask(firstguess::DrainWorker{.token = 0, .name = request->name()},
               [=](const Reply& reply, const View&) {
                 audited.End(reply.status);
                 response->set_workers(reply.count);
                 reactor->Finish(ToGrpcStatus(reply.status));
               });
  return reactor;
}

}  // namespace firstguess
