#include "tools/firstguess/change_sweep.h"
#include "tools/firstguess/commands.h"

namespace firstguess {
namespace {

struct RetryOptions {
  ChangeOptions change;
  std::vector<std::string> classes;
};

const std::map<std::string, v1::FailureClass>& FailureClasses() {
  static const auto* const classes =
      new std::map<std::string, v1::FailureClass>{{"crash", v1::CRASH},
                                                  {"timeout", v1::TIMEOUT},
                                                  {"out_of_memory", v1::OUT_OF_MEMORY},
                                                  {"lost", v1::LOST},
                                                  {"preempted", v1::PREEMPTED},
                                                  {"invalid", v1::INVALID},
                                                  {"init_condition", v1::INIT_CONDITION}};
  return *classes;
}

int Retry(const RetryOptions& options, Context* context) {
  v1::RetryFailedRequest request;
  for (const std::string& name : options.classes) {
    request.add_classes(FailureClasses().at(name));
  }
  return ChangeSweep(options.change, "Failed trials are waiting again",
                     &SweepClient::Stub::RetryFailed, request, context);
}

}  // namespace

void AddRetryCommand(CLI::App* app, Action* action) {
  auto options = std::make_shared<RetryOptions>();
  CLI::App* command =
      AddCommand(app, "retry", "Tries a sweep's failed trials again, their attempts forgotten",
                 {{"retry first-guess", "all failed trials"},
                  {"retry first-guess --class lost --class timeout", "only those that ended so"}},
                 &options->change.json);
  AddChangeOptions(command, &options->change);
  command
      ->add_option("--class", options->classes,
                   "Only crash, timeout, out_of_memory, lost, preempted, invalid or init_condition "
                   "ones; may "
                   "be repeated")
      ->check(CLI::IsMember(FailureClasses()))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("CLASS");
  command->callback([options, action] {
    *action = [options](Context* context) { return Retry(*options, context); };
  });
}

}  // namespace firstguess
