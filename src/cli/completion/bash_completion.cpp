#include "cli/completion/completion_scripts.hpp"
#include "cli/completion/shell_cases.hpp"

namespace osprey::cli {

std::string bash_completion(const CommandNode& root) {
  // Without the bash-completion package. COMP_WORDS has "--port=9" as three words, as '=' parts words there.
  return R"sh(# Completes `inference` in bash:  source <(inference completion bash)
_inference() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=)sh" +
         root.name + R"sh(
  local i kind= choices= options= commands= words=
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
    )sh" +
         command_pattern(root) + R"sh() path+=" ${COMP_WORDS[i]}" ;;
    esac
  done
  if [[ $cur == '=' ]]; then
    cur=
  elif [[ $prev == '=' && COMP_CWORD -gt 1 ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  case "$path:$prev" in
)sh" + value_cases(root) +
         R"sh(  esac
  local value=$kind
  if [[ -z $value || $value == optional ]]; then
    case $path in
)sh" + command_cases(root) +
         R"sh(    esac
    if [[ $cur == -* ]]; then
      words=$options kind=
    else
      words="$commands $choices"
    fi
  else
    words=$choices
  fi
  case $kind in
    model) words+=" $("${COMP_WORDS[0]}" completion models 2>/dev/null)" ;;
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _inference )sh" +
         root.name + "\n";
}

}  // namespace osprey::cli
