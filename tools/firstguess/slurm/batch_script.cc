#include "tools/firstguess/slurm/batch_script.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/firstguess/shell_word.h"

namespace firstguess {
namespace {

// A placeholder's value, one word each but for `arguments`; empty: nothing was said.
using Values = std::map<std::string, std::vector<std::string>, std::less<>>;

std::vector<std::string> Word(const std::string& text) {
  return text.empty() ? std::vector<std::string>() : std::vector<std::string>{text};
}

std::vector<std::string> Number(int64_t number) {
  return number == 0 ? std::vector<std::string>() : std::vector<std::string>{absl::StrCat(number)};
}

Values ValuesOf(const WorkerJob& job) {
  const bool on_gpu = !job.gpus.empty();
  return {{"name", Word(job.name)},
          {"partition", Word(job.partition)},
          {"account", Word(job.account)},
          {"qos", Word(job.qos)},
          {"time", Word(job.time)},
          {"mem", Word(job.mem)},
          {"cpus", Number(job.cpus)},
          {"gpus", Word(job.gpus)},
          {"log_dir", Word(job.log_dir)},
          {"notice", Number(job.notice_seconds)},
          {"idle", Number(job.idle_seconds)},
          {"worker", Word(job.worker)},
          {"coordinator", Word(job.coordinator)},
          {"tls", Word(job.tls)},
          {"token_file", Word(job.token_file)},
          {"insecure_network", Word(job.insecure_network ? "--insecure-network" : "")},
          {"device", {on_gpu ? "cuda" : "cpu"}},
          {"trainers", {on_gpu ? "1" : "auto"}},
          {"labels", Word(job.labels)},
          {"arguments", job.arguments}};
}

// sbatch reads these lines, no shell: a word there is what no shell would change.
bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char character) {
    return absl::ascii_isalnum(static_cast<unsigned char>(character)) ||
           absl::string_view("_-+.,:/@=[]*").find(character) != absl::string_view::npos;
  });
}

absl::StatusOr<std::string> Filled(absl::string_view key, const std::vector<std::string>& words,
                                   bool for_sbatch) {
  if (!for_sbatch) {
    return absl::StrJoin(words, " ", [](std::string* text, const std::string& word) {
      absl::StrAppend(text, ShellWord(word));
    });
  }
  for (const std::string& word : words) {
    if (IsPlain(word)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        key, " is '", word, "', but letters, digits and _-+.,:/@=[]* are all that may be in it"));
  }
  return absl::StrJoin(words, " ");
}

// Appends `line`, filled in, to `script`; nothing if a placeholder in it has no value.
absl::Status AppendLine(absl::string_view line, const Values& values, std::string* script) {
  const bool for_sbatch = absl::StartsWith(line, "#");
  std::string filled;
  for (;;) {
    const size_t begin = line.find("{{");
    const size_t end = begin == line.npos ? line.npos : line.find("}}", begin);
    if (end == line.npos) break;
    const absl::string_view key = line.substr(begin + 2, end - begin - 2);
    const auto value = values.find(std::string(key));
    if (value == values.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "there is no {{", key, "}}; there are ",
          absl::StrJoin(values, ", ", [](std::string* text, const Values::value_type& one) {
            absl::StrAppend(text, "{{", one.first, "}}");
          })));
    }
    if (value->second.empty()) return absl::OkStatus();
    const absl::StatusOr<std::string> text = Filled(key, value->second, for_sbatch);
    if (!text.ok()) return text.status();
    absl::StrAppend(&filled, line.substr(0, begin), *text);
    line.remove_prefix(end + 2);
  }
  absl::StrAppend(script, filled, line, "\n");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> BatchScript(absl::string_view batch_template, const WorkerJob& job) {
  const Values values = ValuesOf(job);
  std::string script;
  if (absl::EndsWith(batch_template, "\n")) batch_template.remove_suffix(1);
  for (const absl::string_view line : absl::StrSplit(batch_template, '\n')) {
    if (absl::Status status = AppendLine(line, values, &script); !status.ok()) return status;
  }
  return script;
}

}  // namespace firstguess
