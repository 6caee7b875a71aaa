#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "tests/worker/agent/scripted_coordinator.h"

namespace firstguess {

// A coordinator, and a gate at which the fake trainer's trials wait that are to (fake_trainer.h).
class GatedTest : public ::testing::Test {
 protected:
  GatedTest() : gate_(coordinator_.folder() + "/gate") {
    EXPECT_EQ(setenv("FIRSTGUESS_FAKE_TRAINER_GATE", gate_.c_str(), 1), 0);
  }

  // The next session of an agent, past its hello.
  std::shared_ptr<ScriptedSession> Welcomed() {
    std::shared_ptr<ScriptedSession> session = coordinator_.NextSession();
    EXPECT_EQ(session->NextWord(), "hello");
    session->Welcome();
    return session;
  }
  // Waits until this many leases are begun.
  static void AwaitBegun(ScriptedSession& session, int count) {
    EXPECT_TRUE(session.AwaitHeartbeat([count](const v1::Inventory& inventory) {
      int begun = 0;
      for (const v1::Inventory::Lease& lease : inventory.leases()) begun += lease.begun() ? 1 : 0;
      return begun == count;
    }));
  }
  // Lets the trials that wait at the gate finish.
  void OpenGate() const { std::ofstream(gate_).put('\n'); }

  ScriptedCoordinator coordinator_;
  const std::string gate_;
};

}  // namespace firstguess
