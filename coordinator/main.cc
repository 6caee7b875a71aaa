#include <pthread.h>
#include <signal.h>

#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/log.h"
#include "common/open_files.h"
#include "common/service_manager.h"
#include "coordinator/coordinator.h"
#include "coordinator/watchdog.h"

namespace firstguess {
namespace {

// What workers get to deliver results that are on their way.
constexpr absl::Duration kGrace = absl::Seconds(10);

// How often the database is asked whether it failed.
constexpr timespec kCheckInterval = {.tv_sec = 0, .tv_nsec = 250'000'000};

// Seconds. Time passes in ticks of half a second, so that a shorter lease would end by chance.
constexpr double kShortestLease = 3;
constexpr double kLongestLease = 3600;

constexpr char kExamples[] = R"(Examples:
  firstguess-coordinator --db sweeps.db
  firstguess-coordinator --db sweeps.db --listen 127.0.0.1:7171 --listen unix:/run/firstguess.sock
  firstguess-coordinator --db sweeps.db --web 127.0.0.1:7172
  firstguess-coordinator --db sweeps.db --listen 0.0.0.0:7171 --tls coordinator
  firstguess-coordinator --db sweeps.db --on-sweep-finish 'mail -s "$FIRSTGUESS_SWEEP ended" me </dev/null'

Workers and people then use the address:
  firstguess-worker --coordinator 127.0.0.1:7171
  firstguess submit SPEC.yaml --coordinator 127.0.0.1:7171

Stops on SIGTERM or Ctrl-C, once what workers have sent is on disk; a second one ends it at once, and
loses nothing that was acknowledged.

Exit codes: 0 stopped when asked; 1 could not start or the database failed; 2 usage, or a file that is
no database of this program; 6 refused: no permission, or no room on the disk.)";

// As the command line's (tools/firstguess/exit_codes.h).
int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kDataLoss:
      return 2;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
      return 6;
    default:
      return 1;
  }
}

// What to do about it.
absl::string_view NextStep(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return "'firstguess doctor' says who answers there; choose another address with --listen or "
             "--metrics, or stop the other program.";
    case absl::StatusCode::kInvalidArgument:
      return "'firstguess-coordinator --help' shows how it is used.";
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kDataLoss:
      return "Name another file with --db FILE, or ask 'firstguess doctor --db FILE --check'.";
    case absl::StatusCode::kPermissionDenied:
      return "Get permission to the file and its folder, or name another with --db FILE.";
    case absl::StatusCode::kResourceExhausted:
      return "Make room on the disk and start it again.";
    default:
      return "'firstguess doctor --db FILE --check' looks for what is wrong.";
  }
}

int Fail(const absl::Status& status) {
  std::cerr << "firstguess-coordinator: " << status.message() << "\n" << NextStep(status) << "\n";
  return ExitCodeOf(status);
}

// SIGINT and SIGTERM, blocked in every thread that is started from now on.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

int Serve(const Coordinator::Options& options) {
  const sigset_t signals = BlockSignals();
  // A socket for each worker.
  RaiseOpenFileLimit();
  const absl::StatusOr<std::unique_ptr<Coordinator>> coordinator = Coordinator::Start(options);
  if (!coordinator.ok()) return Fail(coordinator.status());
  const std::string serves = absl::StrCat("serves ", options.database, " at ",
                                          absl::StrJoin((*coordinator)->addresses(), ", "));
  std::cout << "firstguess-coordinator " << serves << std::endl;
  if (!(*coordinator)->metrics_address().empty()) {
    std::cout << "firstguess-coordinator serves http://" << (*coordinator)->metrics_address()
              << "/metrics" << std::endl;
  }
  if (!(*coordinator)->web_address().empty()) {
    std::cout << "firstguess-coordinator serves http://" << (*coordinator)->web_address() << "/"
              << std::endl;
  }

  NotifyReady(serves);
  Watchdog watchdog(coordinator->get(), AliveInterval(), NotifyAlive);
  while ((*coordinator)->fatal().ok()) {
    watchdog.RunDue(RealClock()->MonotonicNow());
    if (sigtimedwait(&signals, nullptr, &kCheckInterval) <= 0) continue;
    std::cout << "firstguess-coordinator is stopping" << std::endl;
    NotifyStopping("waits for what workers have sent");
    // From here on a second signal ends the process.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    break;
  }
  (*coordinator)->Shutdown(kGrace);
  const absl::Status fatal = (*coordinator)->fatal();
  if (fatal.ok()) return 0;
  Fail(fatal);
  return 1;
}

int Main(int argc, char** argv) {
  CLI::App app("Gives sweeps' trials to workers and keeps their results in one SQLite file.",
               "firstguess-coordinator");
  app.footer(kExamples);
  app.set_version_flag("--version", "firstguess-coordinator " FIRSTGUESS_VERSION);
  Coordinator::Options options;
  options.listen = {"127.0.0.1:7171"};
  const std::map<std::string, LogLevel> levels = {{"debug", LogLevel::kDebug},
                                                  {"info", LogLevel::kInfo},
                                                  {"warning", LogLevel::kWarning},
                                                  {"error", LogLevel::kError}};
  std::string level = "info";
  app.add_option("--db", options.database, "The database; created if missing")->required();
  app.add_option("--listen", options.listen,
                 "HOST:PORT (port 0: any) or unix:PATH; may be repeated; what other machines reach "
                 "needs --tls")
      ->capture_default_str();
  app.add_option("--tls", options.security.tls_folder,
                 "A folder with tls.crt, tls.key, ca.crt and perhaps ca.crl: TCP connections are "
                 "encrypted, and only who has a certificate of ca.crt comes in; read again when "
                 "they change")
      ->type_name("FOLDER");
  app.add_option(
         "--tokens", options.security.tokens_file,
         "A file that only its owner can read, with a line ROLE NAME SHA-256 for each token; "
         "read again when it changes")
      ->type_name("FILE");
  app.add_option("--unix-user", options.security.unix_users,
                 "USER=ROLE: what another user of this machine may do over a unix socket; may be "
                 "repeated")
      ->type_name("USER=ROLE");
  app.add_flag("--insecure-network", options.security.insecure_network,
               "Let --listen name addresses that other machines reach without --tls; whoever "
               "reaches them may do everything");
  double lease = absl::ToDoubleSeconds(options.lease);
  app.add_option("--lease", lease,
                 "Seconds after which a silent worker loses its work; it is asked for a heartbeat "
                 "six times as often")
      ->capture_default_str()
      ->check(CLI::Range(kShortestLease, kLongestLease));
  app.add_option(
      "--metrics", options.metrics,
      "HOST:PORT of this machine (port 0: any) at which /metrics for Prometheus, /healthz "
      "and /readyz are served over HTTP; off if not said");
  CLI::Option* const web = app.add_option(
      "--web", options.web,
      "HOST:PORT of this machine (port 0: any) of the dashboard for a browser, beside the same "
      "pages; off if not said");
  app.add_option("--web-token-file", options.web_token_file,
                 "A file that only its owner can read, with the token (16 characters or more) that "
                 "lets people pause, resume and cancel sweeps on the dashboard")
      ->needs(web);
  app.add_option("--on-sweep-finish", options.on_sweep_finish.command,
                 "A command for /bin/sh, run whenever a sweep is done or cancelled, with its facts "
                 "in FIRSTGUESS_SWEEP, FIRSTGUESS_STATE, FIRSTGUESS_FAILED and so on; tried again "
                 "until it ends with 0")
      ->type_name("COMMAND");
  app.add_option("--webhook", options.on_sweep_finish.webhook,
                 "An http:// or https:// URL to which the same facts are posted as JSON; tried "
                 "again until it is taken")
      ->type_name("URL");
  app.add_option("--log-level", level, "Lines from this level on, to standard error")
      ->capture_default_str()
      ->check(CLI::IsMember(&levels));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  SetLogLevel(levels.at(level));
  options.lease = absl::Seconds(lease);
  return Serve(options);
}

}  // namespace
}  // namespace firstguess

int main(int argc, char** argv) { return firstguess::Main(argc, argv); }
