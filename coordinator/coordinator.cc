#include "coordinator/coordinator.h"

#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/tls_folder.h"
#include "coordinator/entrance.h"
#include "coordinator/event_log.h"
#include "coordinator/finish_watch.h"
#include "coordinator/listening.h"
#include "coordinator/service/authenticator.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/sweep_service.h"
#include "coordinator/service/work_service.h"
#include "coordinator/store/store.h"
#include "coordinator/unix_users.h"
#include "coordinator/web/event_counters.h"
#include "coordinator/web/web_servers.h"
#include "coordinator/web/web_token.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace firstguess {
namespace {

// Workers of a coordinator that stops come back after this, and then as their back-off says.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// So that a lease outlives heartbeats that come late or are lost.
constexpr int kHeartbeatsPerLease = 6;

// What calls that are still open get to end, once everything is committed.
constexpr std::chrono::seconds kLastCalls(1);

// gRPC's plug-ins are switched on for all servers of a process.
void EnablePlugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

// Of a web server; nothing for an empty text.
absl::StatusOr<std::optional<Address>> PageAddress(const std::string& text) {
  if (text.empty()) return std::nullopt;
  absl::StatusOr<Address> address = ParseLocalAddress(text);
  if (!address.ok()) return address.status();
  if (absl::Status status = PrepareToListen(*address); !status.ok()) return status;
  return *std::move(address);
}

// Whether `address` may be listened at.
absl::Status CheckExposure(const Address& address, const Coordinator::Security& security) {
  if (address.is_local() || !security.tls_folder.empty()) return absl::OkStatus();
  if (!security.insecure_network) {
    return absl::InvalidArgumentError(
        absl::StrCat("other machines reach ", address.ToString(),
                     ": say --tls FOLDER with a certificate ('firstguess certs' makes them), or ",
                     "--insecure-network if whoever reaches it may do everything"));
  }
  if (!security.tokens_file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("tokens would be seen on their way to ",
                                                   address.ToString(), ": they need --tls FOLDER"));
  }
  Log(LogLevel::kWarning, "whoever reaches this address may do everything",
      {{"address", address.ToString()}, {"why", "--insecure-network"}});
  return absl::OkStatus();
}

class RunningCoordinator final : public Coordinator {
 public:
  ~RunningCoordinator() override { Shutdown(absl::ZeroDuration()); }

  absl::Status Start(const Options& options);

  const std::vector<std::string>& addresses() const override { return addresses_; }
  const std::string& metrics_address() const override { return metrics_address_; }
  const std::string& web_address() const override { return web_address_; }
  void RunDue() override { engine_->RunDue(); }
  void WhenTurned(std::function<void()> callback) override {
    engine_->Read([callback = std::move(callback)](const auto&) { callback(); });
  }
  void Shutdown(absl::Duration grace) override EXCLUDES(mutex_);
  absl::Status fatal() const override EXCLUDES(mutex_);

 private:
  absl::Status LetIn(const Security& security);
  absl::Status Listen(std::vector<Address> addresses, const Security& security);
  absl::Status MakeFinishWatch(const NotifyPlaces& places);
  absl::Status Ready() const EXCLUDES(mutex_);
  bool disk_full() const EXCLUDES(mutex_);
  void OnDiskFull(bool full) EXCLUDES(mutex_);
  void OnFatal(absl::Status status) EXCLUDES(mutex_);
  void AwaitStreams(absl::Duration grace) EXCLUDES(mutex_);

  std::vector<std::string> addresses_;
  std::string metrics_address_;
  std::string web_address_;
  EventLog event_log_;
  EventCounters counters_;
  UnixUsers unix_users_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<FinishWatch> finish_watch_;
  std::unique_ptr<SweepServiceImpl> sweep_service_;
  std::unique_ptr<WorkServiceImpl> work_service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Entrance> entrance_;
  std::unique_ptr<WebServers> web_servers_;

  mutable Mutex mutex_;
  CondVar changed_;
  absl::Status fatal_ GUARDED_BY(mutex_);
  bool disk_full_ GUARDED_BY(mutex_) = false;
  // Whom the store's troubles are told to; null before they are there and once they stop.
  Engine* told_ GUARDED_BY(mutex_) = nullptr;
  grpc::HealthCheckServiceInterface* health_ GUARDED_BY(mutex_) = nullptr;
  bool stopped_ GUARDED_BY(mutex_) = false;
  bool no_streams_ GUARDED_BY(mutex_) = false;
};

absl::Status RunningCoordinator::Start(const Options& options) {
  std::vector<Address> addresses;
  for (const std::string& text : options.listen) {
    absl::StatusOr<Address> address = ParseAddress(text);
    if (!address.ok()) return address.status();
    if (absl::Status status = CheckExposure(*address, options.security); !status.ok()) {
      return status;
    }
    if (absl::Status status = PrepareToListen(*address); !status.ok()) return status;
    addresses.push_back(*std::move(address));
  }
  if (absl::Status status = LetIn(options.security); !status.ok()) {
    // Not the database is missing.
    return absl::IsNotFound(status) ? absl::InvalidArgumentError(status.message()) : status;
  }
  const absl::StatusOr<std::optional<Address>> metrics = PageAddress(options.metrics);
  if (!metrics.ok()) return metrics.status();
  const absl::StatusOr<std::optional<Address>> web = PageAddress(options.web);
  if (!web.ok()) return web.status();
  WebToken token;
  if (!options.web_token_file.empty()) {
    absl::StatusOr<WebToken> read = WebToken::Read(options.web_token_file);
    if (!read.ok()) return read.status();
    token = *std::move(read);
  }
  if (absl::Status status = MakeFinishWatch(options.on_sweep_finish); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<Store>> store =
      Store::Open({.path = options.database,
                   .clock = options.clock,
                   .vfs = options.vfs,
                   .on_disk_full = [this](bool full) { OnDiskFull(full); },
                   .on_fatal = [this](absl::Status status) { OnFatal(std::move(status)); },
                   .observers = {&event_log_, &counters_}});
  if (!store.ok()) return store.status();
  store_ = *std::move(store);

  absl::StatusOr<std::unique_ptr<Engine>> engine =
      Engine::Start({.clock = options.clock,
                     .store = store_.get(),
                     .state = {.lease_duration = options.lease,
                               .heartbeat_interval = options.lease / kHeartbeatsPerLease},
                     .limits = {},
                     .on_fatal = [this](absl::Status status) { OnFatal(std::move(status)); }});
  if (!engine.ok()) return engine.status();
  engine_ = *std::move(engine);
  {
    MutexLock lock(&mutex_);
    told_ = engine_.get();
    if (disk_full_) engine_->Post(DiskFull{.full = true});
  }
  if (finish_watch_ != nullptr) engine_->Watch(finish_watch_);
  sweep_service_ = std::make_unique<SweepServiceImpl>(engine_.get(), store_.get(), options.database,
                                                      authenticator_.get());
  work_service_ =
      std::make_unique<WorkServiceImpl>(engine_.get(), options.clock, authenticator_.get());
  if (absl::Status status = Listen(std::move(addresses), options.security); !status.ok())
    return status;
  absl::StatusOr<std::unique_ptr<WebServers>> servers =
      WebServers::Start({.counters = &counters_,
                         .engine = engine_.get(),
                         .store = store_.get(),
                         .clock = options.clock,
                         .disk_full = [this] { return disk_full(); },
                         .ready = [this] { return Ready(); },
                         .database = options.database,
                         .version = FIRSTGUESS_VERSION,
                         .token = token},
                        *metrics, *web);
  if (!servers.ok()) return servers.status();
  web_servers_ = *std::move(servers);
  metrics_address_ = web_servers_->metrics_address();
  web_address_ = web_servers_->web_address();
  Log(LogLevel::kInfo, "coordinator started",
      {{"version", FIRSTGUESS_VERSION},
       {"process", getpid()},
       {"database", options.database},
       {"addresses", absl::StrJoin(addresses_, ",")},
       {"metrics", metrics_address_},
       {"web", web_address_}});
  return absl::OkStatus();
}

absl::Status RunningCoordinator::MakeFinishWatch(const NotifyPlaces& places) {
  if (places.none()) return absl::OkStatus();
  absl::StatusOr<std::vector<std::unique_ptr<Notifier>>> notifiers =
      MakeNotifiers(places, {}, [](const EndedSweep& sweep, const absl::Status& last) {
        Log(LogLevel::kError, "nobody could be told of a sweep's end",
            {{"sweep", sweep.name}, {"state", sweep.state}, {"why", last.message()}});
      });
  if (!notifiers.ok()) return notifiers.status();
  finish_watch_ = std::make_shared<FinishWatch>(*std::move(notifiers));
  return absl::OkStatus();
}

absl::Status RunningCoordinator::Ready() const {
  MutexLock lock(&mutex_);
  if (!fatal_.ok()) return fatal_;
  if (stopped_) return absl::UnavailableError("the coordinator is stopping");
  if (disk_full_) return absl::UnavailableError("the disk is full");
  return absl::OkStatus();
}

bool RunningCoordinator::disk_full() const {
  MutexLock lock(&mutex_);
  return disk_full_;
}

// Reads whatever says who is let in, before anything else happens.
absl::Status RunningCoordinator::LetIn(const Security& security) {
  if (!security.tls_folder.empty()) {
    if (absl::Status status = CheckTlsFolder(security.tls_folder); !status.ok()) return status;
  }
  absl::StatusOr<UnixUsers> users = UnixUsers::Parse(security.unix_users);
  if (!users.ok()) return users.status();
  unix_users_ = *std::move(users);
  absl::StatusOr<std::unique_ptr<Authenticator>> authenticator =
      Authenticator::Make({.tokens_file = security.tokens_file,
                           .tls_folder = security.tls_folder,
                           .audit = security.audit});
  if (!authenticator.ok()) return authenticator.status();
  authenticator_ = *std::move(authenticator);
  return absl::OkStatus();
}

absl::Status RunningCoordinator::Listen(std::vector<Address> addresses, const Security& security) {
  EnablePlugins();
  grpc::ServerBuilder builder;
  SetServerArguments(builder, security.handshake_timeout);
  absl::StatusOr<std::unique_ptr<Entrance>> entrance =
      Entrance::Open({.addresses = std::move(addresses),
                      .tls_folder = security.tls_folder,
                      .unix_users = unix_users_,
                      .tokens = !security.tokens_file.empty()},
                     authenticator_.get(), &builder);
  if (!entrance.ok()) return entrance.status();
  entrance_ = *std::move(entrance);
  builder.RegisterService(sweep_service_.get());
  builder.RegisterService(work_service_.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC can't start a server");
  for (const Address& address : entrance_->addresses()) addresses_.push_back(address.ToString());
  entrance_->Start();
  MutexLock lock(&mutex_);
  health_ = server_->GetHealthCheckService();
  health_->SetServingStatus(fatal_.ok() && !disk_full_);
  return fatal_;
}

void RunningCoordinator::OnDiskFull(bool full) {
  Log(full ? LogLevel::kWarning : LogLevel::kInfo,
      full ? "disk full: nothing is granted or acknowledged until there is room"
           : "there is room on the disk again");
  MutexLock lock(&mutex_);
  disk_full_ = full;
  if (told_ != nullptr) told_->Post(DiskFull{.full = full});
  if (health_ != nullptr) health_->SetServingStatus(!full && fatal_.ok());
}

void RunningCoordinator::OnFatal(absl::Status status) {
  Log(LogLevel::kError, "the coordinator can't go on", {{"why", status.message()}});
  MutexLock lock(&mutex_);
  if (!fatal_.ok()) return;
  fatal_ = status;
  changed_.NotifyAll();
  if (health_ != nullptr) health_->SetServingStatus(false);
  if (told_ != nullptr) told_->Fail(std::move(status));
}

absl::Status RunningCoordinator::fatal() const {
  MutexLock lock(&mutex_);
  return fatal_;
}

// Until no worker's stream is open, at most for `grace`.
void RunningCoordinator::AwaitStreams(absl::Duration grace) {
  engine_->WhenNoStreams([this] {
    MutexLock lock(&mutex_);
    no_streams_ = true;
    changed_.NotifyAll();
  });
  const absl::Duration end = RealClock()->MonotonicNow() + grace;
  MutexLock lock(&mutex_);
  while (!no_streams_ && fatal_.ok()) {
    const absl::Duration left = end - RealClock()->MonotonicNow();
    if (left <= absl::ZeroDuration()) return;
    changed_.WaitFor(&mutex_, left);
  }
}

void RunningCoordinator::Shutdown(absl::Duration grace) {
  {
    MutexLock lock(&mutex_);
    if (stopped_) return;
    stopped_ = true;
    if (health_ != nullptr) health_->SetServingStatus(false);
    health_ = nullptr;
  }
  if (server_ != nullptr) {
    Log(LogLevel::kInfo, "coordinator stops", {{"grace", absl::FormatDuration(grace)}});
    engine_->BeginClosing(kRetryAfter);
    AwaitStreams(grace);
    engine_->Fail(absl::UnavailableError("the coordinator is stopping"));
    entrance_.reset();
    server_->Shutdown(std::chrono::system_clock::now() + kLastCalls);
  }
  web_servers_.reset();
  if (engine_ != nullptr) engine_->Stop();
  {
    MutexLock lock(&mutex_);
    told_ = nullptr;
  }
  // No call is open any more. The store commits what is queued; the engine outlives it.
  server_.reset();
  sweep_service_.reset();
  work_service_.reset();
  store_.reset();
  // Not the engine's thread: it waits for what is being told.
  finish_watch_.reset();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Start(Options options) {
  auto coordinator = std::make_unique<RunningCoordinator>();
  if (absl::Status status = coordinator->Start(options); !status.ok()) return status;
  return coordinator;
}

}  // namespace firstguess
