#include "coordinator/web/dashboard.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/store/curves.h"
#include "coordinator/web/curves_json.h"
#include "coordinator/web/json_answer.h"
#include "coordinator/web/overview.h"
#include "coordinator/web/page_assets.h"
#include "coordinator/web/sweep_changes.h"

namespace firstguess {
namespace {

using Request = HttpServer::Request;
using Answer = HttpServer::Answer;
using Json = nlohmann::ordered_json;

absl::Status NoSweep(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("there is no sweep called `", name, "`"));
}

// A part of the pages, embedded in the program.
HttpServer::Page Asset(std::string path, std::string type, absl::string_view text) {
  return {std::move(path), [type = std::move(type), text](const Request&) {
            return Answer{.content_type = type, .body = std::string(text), .may_be_kept = true};
          }};
}

// What changes when a finished trial does.
std::string VersionOf(const SweepView& sweep) {
  return absl::StrCat(sweep.sweep_id, ".", sweep.revision, ".", sweep.counters.done, ".",
                      sweep.counters.failed);
}

Answer FailuresAnswer(Store* store, SweepId sweep_id) {
  const auto groups = store->Failures(sweep_id);
  if (!groups.ok()) return ErrorAnswer(groups.status());
  constexpr size_t kMostGroups = 50;
  Json failures = Json::array();
  for (const Store::FailureGroup& group : *groups) {
    if (failures.size() == kMostGroups) break;
    failures.push_back({{"class", group.failure_class},
                        {"message", group.message},
                        {"trials", group.trials},
                        {"worker", group.worker},
                        {"log_tail", group.log_tail}});
  }
  return JsonAnswer({{"failures", std::move(failures)}, {"groups_in_all", groups->size()}});
}

}  // namespace

Dashboard::Dashboard(Sources sources) : sources_(std::move(sources)), sql_(sources_.database) {}

std::vector<HttpServer::Page> Dashboard::Pages() {
  return {
      Asset("/", "text/html; charset=utf-8", DashboardHtml()),
      Asset("/sql", "text/html; charset=utf-8", SqlHtml()),
      Asset("/dashboard.css", "text/css; charset=utf-8", DashboardStyle()),
      Asset("/dashboard.js", "text/javascript; charset=utf-8", DashboardScript()),
      Asset("/sql.js", "text/javascript; charset=utf-8", SqlScript()),
      Asset("/charts.js", "text/javascript; charset=utf-8", ChartScript()),
      Asset("/icon.svg", "image/svg+xml", Icon()),
      {"/api/overview", [this](const Request&) { return Overview(); }},
      {"/api/curves", [this](const Request& request) { return CurvesOf(request); }},
      {"/api/failures", [this](const Request& request) { return FailuresOf(request); }},
      {"/api/cookbook", [](const Request&) { return CookbookAnswer(); }},
      {"/api/query", [this](const Request& request) { return sql_.Answer(request); }, true},
      {"/api/change",
       [this](const Request& request) {
         return ChangeAnswer(sources_.engine, sources_.token, request);
       },
       true},
  };
}

HttpServer::Answer Dashboard::Overview() {
  Json json = OverviewJson(*sources_.view->Get(), sources_.clock->WallNow());
  json["version"] = sources_.version;
  json["database"] = sources_.database;
  json["disk_full"] = sources_.disk_full();
  json["may_change"] = sources_.token.exists();
  return JsonAnswer(json);
}

HttpServer::Answer Dashboard::CurvesOf(const Request& request) {
  const std::string name = Parameter(request, "sweep");
  const std::string axis = Parameter(request, "by");
  const std::string of = Parameter(request, "of");
  const std::shared_ptr<const View> view = sources_.view->Get();
  const SweepView* const sweep = view->FindSweep(name);
  if (sweep == nullptr) return ErrorAnswer(NoSweep(name));
  const absl::StatusOr<CurveQuantity> quantity = CurveQuantityFromName(of);
  if (!quantity.ok()) return ErrorAnswer(quantity.status());
  const CurveRequest wanted = {.sweep_id = sweep->sweep_id,
                               .axis = axis,
                               .quantity = *quantity,
                               .done = sweep->counters.done};
  return background_.Get(absl::StrCat("curves ", sweep->sweep_id, " ", of, " ", axis),
                         VersionOf(*sweep), [database = sources_.database, wanted, of] {
                           const absl::StatusOr<Curves> curves = ReadCurves(database, wanted);
                           if (!curves.ok()) return ErrorAnswer(curves.status());
                           return JsonAnswer(CurvesJson(*curves, of));
                         });
}

HttpServer::Answer Dashboard::FailuresOf(const Request& request) {
  const std::string name = Parameter(request, "sweep");
  const std::shared_ptr<const View> view = sources_.view->Get();
  const SweepView* const sweep = view->FindSweep(name);
  if (sweep == nullptr) return ErrorAnswer(NoSweep(name));
  return background_.Get(absl::StrCat("failures ", sweep->sweep_id),
                         absl::StrCat(sweep->revision, ".", sweep->counters.failed),
                         [store = sources_.store, sweep_id = sweep->sweep_id] {
                           return FailuresAnswer(store, sweep_id);
                         });
}

}  // namespace firstguess
