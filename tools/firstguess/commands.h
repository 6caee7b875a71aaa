#pragma once

#include "CLI/App.hpp"
#include "tools/firstguess/options.h"

namespace firstguess {

// Each adds one command to `app`, in a file of its name. When the command line asks for it, parsing
// sets `action`. Both outlive parsing.
void AddRunCommand(CLI::App* app, Action* action);
void AddPreviewCommand(CLI::App* app, Action* action);
void AddSubmitCommand(CLI::App* app, Action* action);
void AddListCommand(CLI::App* app, Action* action);
void AddShowCommand(CLI::App* app, Action* action);
void AddWatchCommand(CLI::App* app, Action* action);
void AddPauseCommand(CLI::App* app, Action* action);
void AddResumeCommand(CLI::App* app, Action* action);
void AddCancelCommand(CLI::App* app, Action* action);
void AddRetryCommand(CLI::App* app, Action* action);
void AddQueryCommand(CLI::App* app, Action* action);
void AddReportCommand(CLI::App* app, Action* action);
void AddPlotCommand(CLI::App* app, Action* action);
void AddWorkersCommand(CLI::App* app, Action* action);
// Below 'workers'.
void AddWorkersLaunchCommand(CLI::App* workers, Action* action);
void AddDrainCommand(CLI::App* app, Action* action);
void AddSchemaCommand(CLI::App* app, Action* action);
void AddBackupCommand(CLI::App* app, Action* action);
void AddExportCommand(CLI::App* app, Action* action);
void AddDoctorCommand(CLI::App* app, Action* action);
void AddCertsCommand(CLI::App* app, Action* action);
void AddHealthCommand(CLI::App* app, Action* action);
void AddTheoryCommand(CLI::App* app, Action* action);
void AddCompletionsCommand(CLI::App* app, Action* action);

}  // namespace firstguess
