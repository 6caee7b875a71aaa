// 'firstguess doctor', with programs that say what the test wants them to.

#include <arpa/inet.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/coordinator.h"
#include "gmock/gmock.h"
#include "grpcpp/health_check_service_interface.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/fake_sweep_service.h"
#include "tests/tools/report/sample_database.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A port of this machine, bound and listening without ever answering.
class MutePort {
 public:
  MutePort() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(name);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&name), length), 0);
    EXPECT_EQ(::listen(descriptor_, 8), 0);
    EXPECT_EQ(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&name), &length), 0);
    address_ = absl::StrCat("127.0.0.1:", ntohs(name.sin_port));
  }
  ~MutePort() { Close(); }
  void Close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  const std::string& address() const { return address_; }

 private:
  int descriptor_;
  std::string address_;
};

class DoctorTest : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    context_.program_folder = Path("");
    context_.program_folder.pop_back();
    // The version of this very build.
    EXPECT_EQ(Run({"--version"}), kExitDone);
    version_ = out_.Take().substr(std::string("firstguess ").size());
    version_.pop_back();
    WriteProgram("firstguess-coordinator", "echo firstguess-coordinator " + version_);
    WriteProgram("firstguess-worker", "echo firstguess-worker " + version_);
    Describe(
        R"("device": "cpu", "no_gpu_because": "no driver", "datasets": ["fashion-mnist", "blobs"])");
    free_.Close();
  }

  void WriteProgram(const std::string& name, const std::string& script) {
    const std::string path = WriteFile(name, "#!/bin/sh\n" + script + "\n");
    ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  }
  void Describe(const std::string& members) {
    WriteProgram("firstguess-trainer",
                 absl::StrCat("echo \"$@\" > ", Path("arguments"), "; echo '{\"version\": \"",
                              version_, "\", ", members, "}'"));
  }

  std::string ReadFile(const std::string& name) {
    std::stringstream text;
    text << std::ifstream(Path(name)).rdbuf();
    return text.str();
  }

  struct Check {
    std::string level;
    std::string message;
    std::string next;
  };
  // By the name of the check; of several, the worst. The address is free if none is said.
  std::map<std::string, Check> Examine(std::vector<std::string> arguments, int code) {
    arguments.insert(arguments.begin(), {"doctor", "--json"});
    EXPECT_EQ(Run(arguments), code) << out_.text << err_.text;
    const auto answer = nlohmann::json::parse(out_.Take());
    std::map<std::string, Check> checks;
    int64_t problems = 0;
    for (const auto& check : answer["checks"]) {
      const Check read = {check["level"], check["message"], check["next"]};
      problems += read.level == "problem" ? 1 : 0;
      Check& worst = checks[check["check"]];
      if (worst.level.empty() || worst.level == "ok" || read.level == "problem") worst = read;
      EXPECT_EQ(read.level == "ok", read.next.empty()) << read.message;
    }
    EXPECT_EQ(answer["problems"], problems);
    return checks;
  }
  std::map<std::string, Check> ExamineDatabase(const std::string& sql, int code,
                                               std::vector<std::string> more = {}) {
    const std::string path = Path("sample.db");
    EXPECT_TRUE(WriteSampleDatabase(path).ok());
    sqlite3* file = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &file), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(file, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(file);
    more.insert(more.end(), {"--db", path});
    return Examine(more, code);
  }

  std::string version_;
  MutePort free_;
};

TEST_F(DoctorTest, AHealthyMachineHasALineEachAndNothingToDo) {
  EXPECT_EQ(Run({"doctor"}), kExitDone) << out_.text;
  EXPECT_THAT(out_.text,
              AllOf(HasSubstr("ok       clock        it is 20"),
                    HasSubstr("ok       versions     firstguess-worker " + version_),
                    HasSubstr("ok       data sets    found fashion-mnist, blobs; not found"),
                    HasSubstr("open files a process.\n")));
}

TEST_F(DoctorTest, AGoodDatabaseIsSaidToBeSoAndIsLeftAsItWas) {
  auto checks = ExamineDatabase("SELECT 1", kExitDone, {"--check"});
  EXPECT_EQ(checks["database"].level, "ok");
  EXPECT_THAT(checks["database"].message, HasSubstr("12 cells done, no coordinator has it open."));
  EXPECT_EQ(checks["content"].level, "ok");
  EXPECT_EQ(checks["log"].level, "ok");
  EXPECT_THAT(checks["disk"].message, HasSubstr(" free, about "));
  EXPECT_EQ(checks["clock"].level, "ok");
  // Unless asked, the content is not read.
  EXPECT_EQ(Examine({"--db", Path("sample.db")}, kExitDone).count("content"), 0u);
}

TEST_F(DoctorTest, WrongCountersAreAProblemThatACheckFinds) {
  auto checks = ExamineDatabase("UPDATE sweep SET failed = 5 WHERE name = 'sample'", kExitFailed,
                                {"--check"});
  EXPECT_EQ(checks["content"].level, "problem");
  EXPECT_THAT(checks["content"].message, HasSubstr("the counters of sweep sample"));
  EXPECT_THAT(checks["content"].next, HasSubstr("firstguess backup"));
}

TEST_F(DoctorTest, TimesAfterNowAreAWarningAboutTheClock) {
  auto checks = ExamineDatabase("UPDATE sweep SET created_at = 4e9", kExitDone);
  EXPECT_EQ(checks["clock"].level, "warning");
  EXPECT_THAT(checks["clock"].message, HasSubstr("the database has a time from 2096-"));
}

TEST_F(DoctorTest, AMissingOrForeignDatabaseIsInputToCorrect) {
  auto checks = Examine({"--db", Path("none.db")}, kExitInput);
  EXPECT_EQ(checks["database"].level, "problem");
  WriteFile("notes.db", std::string(5000, 'x'));
  EXPECT_EQ(Examine({"--db", Path("notes.db")}, kExitInput)["database"].level, "problem");
}

TEST_F(DoctorTest, ACoordinatorThatServesIsFoundAndSoIsItsDatabase) {
  const auto coordinator =
      Coordinator::Start({.database = Path("live.db"), .listen = {"127.0.0.1:0"}});
  ASSERT_TRUE(coordinator.ok()) << coordinator.status();
  auto checks = Examine({"--coordinator", (*coordinator)->addresses()[0], "--db", Path("live.db")},
                        kExitDone);
  EXPECT_EQ(checks["coordinator"].level, "ok");
  EXPECT_THAT(checks["coordinator"].message, HasSubstr("serving at 127.0.0.1:"));
  EXPECT_THAT(checks["database"].message,
              HasSubstr(absl::StrCat("open in process ", ::getpid(), " (tools_commands_")));
}

TEST_F(DoctorTest, ACoordinatorThatWasNamedMustAnswer) {
  auto checks = Examine({"--coordinator", free_.address()}, kExitUnreachable);
  EXPECT_EQ(checks["coordinator"].level, "problem");
  EXPECT_EQ(checks["coordinator"].message, absl::StrCat("none answers at ", free_.address(), "."));
  EXPECT_THAT(checks["coordinator"].next, HasSubstr("firstguess-coordinator --db FILE --listen "));
  EXPECT_EQ(Examine({"--coordinator", "elsewhere:1"}, kExitInput)["coordinator"].level, "problem");
}

TEST_F(DoctorTest, AnotherProgramAtThePortIsAProblem) {
  const MutePort mute;
  auto checks = Examine({"--coordinator", mute.address()}, kExitUnreachable);
  EXPECT_THAT(checks["coordinator"].message,
              HasSubstr("another program listens at " + mute.address()));
  // A gRPC server that knows nothing of health.
  grpc::EnableDefaultHealthCheckService(false);
  FakeSweepService service;
  const std::string address = absl::StrCat("unix:", Path("socket"));
  const auto server = service.Serve(address);
  EXPECT_THAT(Examine({"--coordinator", address}, kExitUnreachable)["coordinator"].message,
              HasSubstr("is not a coordinator of firstguess"));
}

TEST_F(DoctorTest, ProgramsOfAnotherReleaseAreAProblemAndMissingOnesAWarning) {
  WriteProgram("firstguess-worker", "echo firstguess-worker 0.0.1");
  auto checks = Examine({}, kExitFailed);
  EXPECT_EQ(checks["versions"].level, "problem");
  EXPECT_THAT(checks["versions"].message,
              HasSubstr("'firstguess-worker 0.0.1', this is " + version_));
  ::unlink(Path("firstguess-worker").c_str());
  checks = Examine({}, kExitDone);
  EXPECT_EQ(checks["versions"].level, "warning");
  EXPECT_THAT(checks["versions"].message,
              HasSubstr("firstguess-worker is not beside this program"));
}

TEST_F(DoctorTest, TheTrainerIsAskedForDevicesAndDataSets) {
  Describe(
      R"("device": "cuda", "device_name": "NVIDIA H200", "memory_bytes": 150000000000, "datasets": ["blobs"])");
  auto checks = Examine({"--data-dir", Path("mine")}, kExitDone);
  EXPECT_EQ(checks["gpu"].message, "NVIDIA H200, 150 GB.");
  EXPECT_EQ(checks["data sets"].level, "warning");
  EXPECT_THAT(
      checks["data sets"].message,
      AllOf(HasSubstr("not found "), HasSubstr("fashion-mnist"),
            HasSubstr(absl::StrCat("(looked in ", Path("mine"), ", /usr/share/datasets)"))));
  EXPECT_THAT(checks["data sets"].next, HasSubstr("--data-dir"));
  EXPECT_EQ(ReadFile("arguments"), absl::StrCat("--describe --data-dir ", Path("mine"), "\n"));
}

TEST_F(DoctorTest, ATrainerThatFailsIsAProblemInItsOwnWords) {
  WriteProgram("firstguess-trainer", "echo 'libtorch_cpu.so: no such file' >&2; exit 127");
  auto checks = Examine({}, kExitFailed);
  EXPECT_EQ(checks["trainer"].level, "problem");
  EXPECT_THAT(checks["trainer"].message,
              HasSubstr("ended with code 127: libtorch_cpu.so: no such file"));
  WriteProgram("firstguess-trainer", "echo hello");
  EXPECT_THAT(Examine({}, kExitFailed)["trainer"].message, HasSubstr("does not answer in JSON"));
}

}  // namespace
}  // namespace firstguess
