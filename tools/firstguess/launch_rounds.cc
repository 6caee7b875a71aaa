#include "tools/firstguess/launch_rounds.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/json_text.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {

void LaunchRounds::Tell(const Launcher::Round& round) {
  for (const std::string& note : round.notes) Note(note);
  std::erase_if(told_, [&round](const std::string& note) {
    return std::find(round.notes.begin(), round.notes.end(), note) == round.notes.end();
  });
  if (options_->supervise && told_once_ && round.submitted_jobs == 0) return;
  told_once_ = true;
  if (options_->json) {
    context_->out->Write(JsonText({{"event", "round"},
                                   {"submitted", round.submitted},
                                   {"submitted_jobs", round.submitted_jobs},
                                   {"pending_jobs", round.jobs.pending},
                                   {"running_jobs", round.jobs.running},
                                   {"busy_workers", round.work.busy},
                                   {"waiting_packs", round.work.packs},
                                   {"log_dir", log_dir_}}) +
                         "\n");
  } else {
    context_->out->Write(InWords(round));
  }
  context_->out->Flush();
}

void LaunchRounds::Note(const std::string& note) {
  if (!told_.insert(note).second) return;
  if (options_->json) {
    context_->out->Write(JsonText({{"event", "note"}, {"text", note}}) + "\n");
  } else {
    context_->out->Write(note + "\n");
  }
  context_->out->Flush();
}

std::string LaunchRounds::InWords(const Launcher::Round& round) const {
  const std::string there =
      absl::StrCat(FormatCountOf(round.work.packs, "pack"), " waiting; of the jobs before, ",
                   FormatCount(round.jobs.pending), " pending and ",
                   FormatCount(round.jobs.running), " running.");
  if (round.submitted_jobs > 0) {
    return absl::StrCat("Submitted ", FormatCountOf(round.submitted_jobs, "job"), " (",
                        absl::StrJoin(round.submitted, ", "), "). ", there, " Logs are in ",
                        ShellWord(log_dir_), ".\n");
  }
  const std::string nothing = absl::StrCat("Nothing submitted: ", there, "\n");
  if (options_->supervise || round.work.packs > 0) return nothing;
  return absl::StrCat(nothing, "Submit a sweep first, or let --supervise wait for one.\n");
}

}  // namespace firstguess
