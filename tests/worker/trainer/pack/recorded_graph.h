#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "worker/trainer/pack/device_graph.h"

namespace firstguess::trainer {

struct RecordedOperation;

// A graph on a CPU that does what a GPU's does: it keeps LibTorch's operations with their numbers
// and their memory, and replays those, calling none of our code. What is new in an update but for
// what its memory holds is therefore not new in the next one. Results that come in memory of their
// own go where they went when they were recorded.
class RecordedGraph final : public DeviceGraph {
 public:
  RecordedGraph();
  ~RecordedGraph() override;

  void Record(const std::function<void()>& work) override;
  void Replay() override;

  int recorded() const { return recorded_; }
  int replayed() const { return replayed_; }
  // What operations were recorded last, as "aten::baddbmm.out".
  std::set<std::string> Operations() const;

 private:
  std::vector<RecordedOperation> operations_;
  int recorded_ = 0;
  int replayed_ = 0;
};

}  // namespace firstguess::trainer
