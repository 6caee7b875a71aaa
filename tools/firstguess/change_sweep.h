#pragma once

#include <string>

#include "tools/firstguess/options.h"

namespace firstguess {

// What pause, resume, cancel and retry have in common: a sweep's name, a coordinator, and the
// sweep's numbers after the change as the answer.
struct ChangeOptions {
  bool json = false;
  std::string sweep;
  CoordinatorOption coordinator;
};

// Declares the options of such a command.
void AddChangeOptions(CLI::App* command, ChangeOptions* options);

// Prints "Paused: NAME, NUMBERS." or its JSON, or what went wrong; returns the exit code.
int AnswerChange(const ChangeOptions& options, const SweepClient& client, const char* done,
                 const absl::StatusOr<v1::SweepStatus>& status, Context* context);

// The whole command for a request that holds nothing but the name.
template <typename Request>
int ChangeSweep(const ChangeOptions& options, const char* done,
                grpc::Status (SweepClient::Stub::*method)(grpc::ClientContext*, const Request&,
                                                          v1::SweepStatus*),
                Request request, Context* context) {
  auto connected = Connect(options.coordinator);
  if (auto* failure = std::get_if<Failure>(&connected)) return Report(*failure, context);
  const auto& client = std::get<std::unique_ptr<SweepClient>>(connected);
  request.set_name(options.sweep);
  return AnswerChange(options, *client, done, client->Call(method, request), context);
}

}  // namespace firstguess
