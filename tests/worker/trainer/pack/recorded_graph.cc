#include "tests/worker/trainer/pack/recorded_graph.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/library.h>

#include <utility>
#include <vector>

namespace firstguess::trainer {

struct RecordedOperation {
  c10::OperatorHandle handle;
  std::vector<c10::IValue> arguments;
  std::vector<c10::IValue> results;
};

namespace {

// Operations that a program brackets with this key come by here first.
constexpr c10::DispatchKey kKey = c10::DispatchKey::TESTING_ONLY_GenericMode;

// Where this thread's operations are kept.
thread_local std::vector<RecordedOperation>* g_kept = nullptr;

void Keep(const c10::OperatorHandle& handle, torch::jit::Stack* stack) {
  const size_t arguments = handle.schema().arguments().size();
  RecordedOperation operation{
      handle, {stack->end() - static_cast<std::ptrdiff_t>(arguments), stack->end()}, {}};
  {
    const c10::impl::ExcludeDispatchKeyGuard without(kKey);
    handle.callBoxed(stack);
  }
  const size_t results = handle.schema().returns().size();
  operation.results.assign(stack->end() - static_cast<std::ptrdiff_t>(results), stack->end());
  g_kept->push_back(std::move(operation));
}

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&Keep>());
}

// New memory, whose content is not the operation's to say.
bool OnlyMakesMemory(const c10::OperatorHandle& handle) {
  return handle.schema().name().rfind("aten::empty", 0) == 0;
}

void Repeat(const RecordedOperation& operation) {
  if (OnlyMakesMemory(operation.handle)) return;
  torch::jit::Stack stack = operation.arguments;
  operation.handle.callBoxed(&stack);
  for (size_t i = 0; i < operation.results.size(); ++i) {
    if (!stack[i].isTensor()) continue;
    const at::Tensor& result = stack[i].toTensor();
    const at::Tensor& kept = operation.results[i].toTensor();
    if (result.defined() && result.const_data_ptr() != kept.const_data_ptr()) kept.copy_(result);
  }
}

}  // namespace

RecordedGraph::RecordedGraph() = default;
RecordedGraph::~RecordedGraph() = default;

void RecordedGraph::Record(const std::function<void()>& work) {
  operations_.clear();
  g_kept = &operations_;
  const c10::impl::IncludeDispatchKeyGuard with(kKey);
  work();
  ++recorded_;
}

void RecordedGraph::Replay() {
  for (const RecordedOperation& operation : operations_) Repeat(operation);
  ++replayed_;
}

std::set<std::string> RecordedGraph::Operations() const {
  std::set<std::string> names;
  for (const RecordedOperation& operation : operations_) {
    names.insert(c10::toString(operation.handle.operator_name()));
  }
  return names;
}

}  // namespace firstguess::trainer
