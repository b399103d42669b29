#include "cli/completion/completion_scripts.hpp"
#include "cli/completion/shell_cases.hpp"

namespace osprey::cli {
namespace {

/// A colon parts a word from its description.
std::string described(const std::string& word, const std::string& help) {
  std::string escaped;
  for (const char c : word) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return quoted(escaped + ":" + help);
}

/// A branch for each command, on its path: its options and subcommands with what they do.
std::string described_cases(const CommandNode& root) {
  std::string text;
  for (const auto* node : all_commands(root)) {
    text += "    " + quoted(node->path) + ")\n      options=(";
    for (const auto& option : node->options) {
      for (const auto& name : option.names) text += "\n        " + described(name, option.help);
    }
    text += ")\n      commands=(";
    for (const auto& command : node->commands) text += "\n        " + described(command.name, command.help);
    const bool has_model = !node->positionals.empty() && node->positionals.front().kind == ValueKind::model;
    text += std::string(")\n      kind=") + (node->positionals.empty() ? "" : has_model ? "model" : "file") + " ;;\n";
  }
  return text;
}

}  // namespace

std::string zsh_completion(const CommandNode& root) {
  return "#compdef " + root.name + R"sh(
# Completes `inference` in zsh:  source <(inference completion zsh)
_inference() {
  local cur=${words[CURRENT]} prev=${words[CURRENT-1]} path_=)sh" +
         root.name + R"sh(
  local i kind= choices=
  local -a options commands ids
  for ((i = 2; i < CURRENT; i++)); do
    case "$path_ ${words[i]}" in
    )sh" +
         command_pattern(root) + R"sh() path_+=" ${words[i]}" ;;
    esac
  done
  if [[ $cur == --*=* ]]; then
    prev=${cur%%=*}
    compset -P '*='
    cur=${words[CURRENT]#*=}
  fi
  case "$path_:$prev" in
)sh" + value_cases(root) +
         R"sh(  esac
  if [[ -n $kind ]]; then
    case $kind in
      choice|optional) compadd -- ${=choices} ;;
      file) _files ;;
      folder) _files -/ ;;
      model) ids=(${(f)"$(${words[1]} completion models 2>/dev/null)"}); compadd -- $ids ;;
    esac
    [[ $kind == optional ]] || return 0
    kind=
  fi
  case $path_ in
)sh" + described_cases(root) +
         R"sh(  esac
  if [[ $cur == -* ]]; then
    _describe -o option options
    return
  fi
  (( ${#commands} )) && _describe command commands
  case $kind in
    model) ids=(${(f)"$(${words[1]} completion models 2>/dev/null)"}); compadd -- $ids ;;
    file) _files ;;
  esac
}
if [[ ${funcstack[1]} == _inference ]]; then
  _inference "$@"
else
  compdef _inference )sh" +
         root.name + "\nfi\n";
}

}  // namespace osprey::cli
