#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "CLI/App.hpp"
#include "tools/firstguess/client.h"
#include "tools/firstguess/context.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/sweep_source.h"

namespace firstguess {

// What the chosen command does; returns the exit code.
using Action = std::function<int(Context*)>;

struct Example {
  std::string command;  // without "firstguess "
  std::string meaning;
};

// A new command of `app` with its examples below its help, and --json.
CLI::App* AddCommand(CLI::App* app, const std::string& name, const std::string& description,
                     const std::vector<Example>& examples, bool* json);

// Which coordinator: --coordinator, and how to speak with it.
struct CoordinatorOption {
  std::string address = "127.0.0.1:7171";
  CallerSecurity security = {};
};
void AddCoordinatorOption(CLI::App* command, CoordinatorOption* option);
// How to speak with it: --tls, --token-file, --insecure-network. Part of AddCoordinatorOption.
void AddSecurityOptions(CLI::App* command, CallerSecurity* security);
// " --coordinator ADDRESS", and the security options, for a command that is printed; nothing if it
// need not be said.
std::string CoordinatorFlag(const CoordinatorOption& option);
std::variant<std::unique_ptr<SweepClient>, Failure> Connect(const CoordinatorOption& option);

// What to read from: --db or else --coordinator.
struct SourceOption {
  std::string database;
  CoordinatorOption coordinator;
};
void AddSourceOption(CLI::App* command, SourceOption* option);
std::variant<std::unique_ptr<SweepSource>, Failure> OpenSource(const SourceOption& option);

}  // namespace firstguess
