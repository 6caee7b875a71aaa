// Sessions at a terminal, word for word: sessions/NAME.txt is what a person types and sees, at 80
// columns and at 40.

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/fake_sweep_service.h"
#include "tests/tools/report/sample_database.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {
namespace {

struct Session {
  std::string name;
  std::vector<std::vector<std::string>> commands;  // DB and AT stand for the places
};

class SessionsTest : public CliFixture, public testing::WithParamInterface<Session> {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    ::setenv("TZ", "UTC", 1);
    const absl::Status written = WriteSampleDatabase(Path("sample.db"));
    ASSERT_TRUE(written.ok()) << written;
    v1::SweepStatus status;
    status.set_name("first-guess \U0001f680 \u5e45");
    status.set_state("running");
    status.set_cells(12345);
    status.set_done(5700);
    status.set_failed(3);
    status.set_leased(64);
    status.set_pending(12345 - 5767);
    status.set_created_at(1767225600);
    status.set_trials_per_second(12.5);
    status.set_remaining_seconds(531);
    service_.SetStatuses({status});
    server_ = service_.Serve(absl::StrCat("unix:", Path("socket")));
    ASSERT_NE(server_, nullptr);
    WriteFile("wide.yaml",
              "name: wide\ndataset: fashion-mnist\ntrain: {steps: 5}\ngrid:\n"
              "  width: [32, 64, 128]\n  loss: [cross_entropy, {blurry: {gamma: [0.3, 0.5]}}]\n"
              "  seed: {range: [0, 999]}\n");
    WriteFile("bad.yaml", "name: bad\ndatset: fashion-mnist\ntrain: {steps: 5}\ngrid: {}\n");
  }

  // The session at a terminal of this width.
  std::string Played(const Session& session, int width) {
    out_.terminal_width = width;
    err_.terminal_width = width;
    std::string text;
    for (std::vector<std::string> command : session.commands) {
      std::vector<std::string> typed = {"$ firstguess"};
      for (std::string& word : command) {
        typed.push_back(ShellWord(word));
        word = absl::StrReplaceAll(word, {{"DB", Path("sample.db")},
                                          {"AT", absl::StrCat("unix:", Path("socket"))},
                                          {"HERE/", Path("")}});
      }
      const int code = Run(command);
      absl::StrAppend(&text, absl::StrJoin(typed, " "), "\n", out_.Take(), err_.Take());
      if (code != 0) absl::StrAppend(&text, "[", code, "]\n");
    }
    return Masked(text);
  }

  // What differs from machine to machine.
  std::string Masked(std::string text) const {
    text = absl::StrReplaceAll(text, {{Path("sample.db"), "DB"},
                                      {absl::StrCat("unix:", Path("socket")), "AT"},
                                      {Path(""), "HERE/"}});
    // The time depends on how many processors there are.
    text =
        std::regex_replace(text, std::regex("\ntime +[^\n]*(\n {10}[^\n]*)*"), "\ntime      TIME");
    return std::regex_replace(text, std::regex("\\([0-9.]+ [kM]B"), "(SIZE");
  }

  FakeSweepService service_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_P(SessionsTest, APersonSeesTheReviewedText) {
  const Session& session = GetParam();
  std::string played = Played(session, 80);
  absl::StrAppend(&played, "\n--- 40 columns ---\n\n", Played(session, 40));
  std::stringstream reviewed;
  reviewed
      << std::ifstream(absl::StrCat(FIRSTGUESS_SESSIONS_FOLDER, "/", session.name, ".txt")).rdbuf();
  if (played == reviewed.str()) return;
  const std::string path = absl::StrCat(testing::TempDir(), "/", session.name, ".txt");
  std::ofstream(path) << played;
  EXPECT_EQ(played, reviewed.str()) << "as it is now: " << path;
}

INSTANTIATE_TEST_SUITE_P(
    All, SessionsTest,
    testing::Values(
        Session{"list", {{"list", "--db", "DB"}, {"list", "--coordinator", "AT"}}},
        Session{"show", {{"show", "sample", "--db", "DB"}, {"show", "x", "--coordinator", "AT"}}},
        Session{"preview", {{"preview", "HERE/wide.yaml"}}},
        Session{"query",
                {{"query", "--db", "DB",
                  "select loss, depth, status, count(*) as trials from trial "
                  "group by loss, depth, status"},
                 {"query", "--db", "DB", "select widht from snapshot"}}},
        Session{"service",
                {{"submit", "HERE/wide.yaml", "--coordinator", "AT"},
                 {"pause", "first-guess", "--coordinator", "AT"},
                 {"workers", "--coordinator", "AT"},
                 {"drain", "node3", "--coordinator", "AT"}}},
        Session{"files",
                {{"backup", "HERE/copy.db", "--db", "DB"},
                 {"report", "--db", "DB", "--output", "HERE/sample.html"},
                 {"schema", "progress"}}},
        Session{"mistakes",
                {{"lits"},
                 {"run", "HERE/bad.yaml"},
                 {"preview", "HERE/none.yaml"},
                 {"show", "simple", "--db", "DB"},
                 {"list", "--db", "HERE/none.db"},
                 {"query", "--db", "DB"},
                 {"list", "--coordinator", "somewhere"}}}),
    [](const testing::TestParamInfo<Session>& session) { return session.param.name; });

}  // namespace
}  // namespace firstguess
