#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tools/firstguess/commands.h"
#include "tools/firstguess/json_text.h"

namespace firstguess {
namespace {

// Both shells: the words of a command after its name, files where none of them begins as typed.
constexpr absl::string_view kBash = R"(_firstguess() {
  local word=${COMP_WORDS[COMP_CWORD]} words
  if [ "$COMP_CWORD" = 1 ]; then
    words="{commands}"
  else
    case ${COMP_WORDS[1]} in
{cases}    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _firstguess firstguess
)";

constexpr absl::string_view kZsh = R"(#compdef firstguess
_firstguess() {
  local -a found
  if (( CURRENT == 2 )); then
    found=({commands})
  else
    case $words[2] in
{cases}    esac
  fi
  compadd -- $found
  _files
}
compdef _firstguess firstguess
)";

// Its options, and its own commands with theirs.
std::vector<std::string> WordsAfter(const CLI::App& command) {
  std::set<std::string> seen;
  std::vector<std::string> words;
  const auto add = [&](const std::string& word) {
    if (seen.insert(word).second) words.push_back(word);
  };
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) add(absl::StrCat("--", name));
  }
  for (const CLI::App* below : command.get_subcommands({})) {
    add(below->get_name());
    for (const std::string& word : WordsAfter(*below)) add(word);
  }
  return words;
}

std::string Script(const CLI::App& app, bool is_zsh) {
  std::vector<std::string> commands;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands.push_back(command->get_name());
    const std::string options = absl::StrJoin(WordsAfter(*command), " ");
    absl::StrAppend(
        &cases, "      ", command->get_name(), ") ",
        is_zsh ? absl::StrCat("found=(", options, ")") : absl::StrCat("words=\"", options, "\""),
        " ;;\n");
  }
  return absl::StrReplaceAll(is_zsh ? kZsh : kBash,
                             {{"{commands}", absl::StrJoin(commands, " ")}, {"{cases}", cases}});
}

}  // namespace

void AddCompletionsCommand(CLI::App* app, Action* action) {
  struct Options {
    bool json = false;
    std::string shell;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = AddCommand(
      app, "completions", "A script that completes commands and options in a shell",
      {{"completions bash > /etc/bash_completion.d/firstguess", "for everybody, in bash"},
       {"completions zsh > \"${fpath[1]}/_firstguess\"", "in zsh"}},
      &options->json);
  command->add_option("SHELL", options->shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->callback([options, action, app] {
    // The parser does not outlive the parsing.
    const std::string script = Script(*app, options->shell == "zsh");
    *action = [script, options](Context* context) {
      context->out->Write(options->json
                              ? JsonText({{"shell", options->shell}, {"script", script}}) + "\n"
                              : script);
      return kExitDone;
    };
  });
}

}  // namespace firstguess
