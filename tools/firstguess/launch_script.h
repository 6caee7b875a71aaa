#pragma once

#include <string>
#include <variant>

#include "tools/firstguess/context.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/launch_options.h"

namespace firstguess {

// The job with what is not said filled in; refused if its worker could do nothing, for want of a
// certificate or with more GPUs than it can use.
std::variant<WorkerJob, Failure> JobToLaunch(const LaunchOptions& options, const Context& context);

// The batch script of that job.
std::variant<std::string, Failure> ScriptToLaunch(const LaunchOptions& options,
                                                  const WorkerJob& job);

// Where the script is kept: beside the jobs' logs.
std::string LaunchedScriptPath(const WorkerJob& job);
// Puts it there.
std::variant<std::string, Failure> KeepScript(const WorkerJob& job, const std::string& script);

}  // namespace firstguess
