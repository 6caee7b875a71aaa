#include "tools/firstguess/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"
#include "tests/tools/fake_terminal.h"

namespace firstguess {
namespace {

class TerminalTest : public testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::pipe(pipe_), 0);
  }
  void TearDown() override {
    if (pipe_[0] >= 0) ::close(pipe_[0]);
    ::close(pipe_[1]);
  }
  void CloseReader() {
    ::close(pipe_[0]);
    pipe_[0] = -1;
  }
  std::string Read() {
    char text[256];
    const ssize_t size = ::read(pipe_[0], text, sizeof(text));
    return std::string(text, size > 0 ? static_cast<size_t>(size) : 0);
  }

  int pipe_[2] = {-1, -1};
};

TEST_F(TerminalTest, APipeIsNoTerminalAndHasNoWidthAndNoColours) {
  const DescriptorTerminal terminal(pipe_[1]);
  EXPECT_FALSE(terminal.is_terminal());
  EXPECT_EQ(terminal.width(), 0);
  EXPECT_FALSE(terminal.colours());
}

TEST_F(TerminalTest, TextArrivesWhole) {
  DescriptorTerminal terminal(pipe_[1]);
  terminal.Write("one ");
  terminal.Write("two\n");
  terminal.Flush();
  EXPECT_EQ(Read(), "one two\n");
  EXPECT_FALSE(terminal.closed());
}

TEST_F(TerminalTest, AReaderThatWentAwayIsRememberedAndIsNoError) {
  DescriptorTerminal terminal(pipe_[1]);
  CloseReader();
  terminal.Write("text");
  EXPECT_FALSE(terminal.closed());
  terminal.Flush();
  EXPECT_TRUE(terminal.closed());
  EXPECT_TRUE(terminal.status().ok());
}

TEST(FullDiskTest, AFullDiskIsAnError) {
  const int full = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  DescriptorTerminal terminal(full);
  terminal.Write("text");
  terminal.Flush();
  EXPECT_FALSE(terminal.closed());
  EXPECT_EQ(terminal.status().message(),
            "the output could not be written: No space left on device");
  ::close(full);
}

// A pseudo-terminal, whose colours depend on the environment.
class PseudoTerminalTest : public testing::Test {
 protected:
  void SetUp() override {
    main_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (main_ < 0 || ::grantpt(main_) != 0 || ::unlockpt(main_) != 0) {
      GTEST_SKIP() << "this machine has no pseudo-terminals";
    }
    terminal_ = ::open(::ptsname(main_), O_RDWR | O_NOCTTY);
    ASSERT_GE(terminal_, 0);
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "xterm", 1);
  }
  void TearDown() override {
    ::close(terminal_);
    ::close(main_);
    ::unsetenv("NO_COLOR");
  }

  int main_ = -1;
  int terminal_ = -1;
};

TEST_F(PseudoTerminalTest, APersonGetsColours) {
  const DescriptorTerminal terminal(terminal_);
  EXPECT_TRUE(terminal.is_terminal());
  EXPECT_TRUE(terminal.colours());
  EXPECT_GT(terminal.width(), 0);
}

TEST_F(PseudoTerminalTest, NoColorIsRespected) {
  ::setenv("NO_COLOR", "1", 1);
  const DescriptorTerminal terminal(terminal_);
  EXPECT_TRUE(terminal.is_terminal());
  EXPECT_FALSE(terminal.colours());
}

TEST_F(PseudoTerminalTest, AnEmptyNoColorMeansNothing) {
  ::setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(DescriptorTerminal(terminal_).colours());
}

TEST_F(PseudoTerminalTest, ADumbTerminalIsTreatedAsAPipe) {
  ::setenv("TERM", "dumb", 1);
  const DescriptorTerminal terminal(terminal_);
  EXPECT_FALSE(terminal.is_terminal());
  EXPECT_FALSE(terminal.colours());
}

TEST(StyledTest, WithoutColoursTheTextStaysAsItIs) {
  FakeTerminal terminal;
  EXPECT_EQ(Styled(terminal, Style::kRed, "text"), "text");
  terminal.with_colours = true;
  EXPECT_EQ(Styled(terminal, Style::kRed, "text"), "\x1b[31mtext\x1b[0m");
}

}  // namespace
}  // namespace firstguess
