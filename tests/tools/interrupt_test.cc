#include "tools/firstguess/interrupt.h"

#include <signal.h>

#include <thread>

#include "gtest/gtest.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

TEST(InterruptTest, TheFirstSignalIsARequest) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Interrupt interrupt;
    EXPECT_FALSE(interrupt.requested());
    ::raise(signal);
    EXPECT_TRUE(interrupt.requested());
  }
}

TEST(InterruptTest, ARequestDoesNotOutliveItsInterrupt) {
  {
    Interrupt interrupt;
    ::raise(SIGINT);
  }
  Interrupt interrupt;
  EXPECT_FALSE(interrupt.requested());
}

TEST(InterruptTest, TheSecondSignalEndsTheProcessAtOnce) {
  EXPECT_EXIT(
      {
        Interrupt interrupt;
        ::raise(SIGINT);
        ::raise(SIGTERM);
      },
      testing::ExitedWithCode(kExitInterrupted), "");
}

TEST(InterruptTest, WaitingEndsWhenSomebodyWakesIt) {
  Interrupt interrupt;
  std::thread waker([&interrupt] { interrupt.Wake(); });
  interrupt.Wait(absl::Seconds(60));
  waker.join();
  EXPECT_FALSE(interrupt.requested());
}

TEST(InterruptTest, WaitingEndsWhenASignalCameBefore) {
  Interrupt interrupt;
  ::raise(SIGINT);
  interrupt.Wait(absl::Seconds(60));
  EXPECT_TRUE(interrupt.requested());
}

}  // namespace
}  // namespace firstguess
