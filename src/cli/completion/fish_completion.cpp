#include "cli/completion/completion_scripts.hpp"
#include "cli/completion/shell_cases.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kModels = "-a '(inference completion models 2>/dev/null)'";

/// fish knows \' and \\ in single quotes.
std::string fish_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return result + "'";
}

std::string line(const CommandNode& node, const std::string& what, const std::string& help) {
  return "complete -c inference -n " + fish_quoted("__inference_at " + node.path) + " " + what +
         (help.empty() ? "" : " -d " + fish_quoted(help)) + "\n";
}

std::string value_text(const CommandOption& option) {
  switch (option.kind) {
    case ValueKind::none: return "";
    case ValueKind::optional_choice: return "-a " + fish_quoted(joined(option.choices));
    case ValueKind::text: return "-x";
    case ValueKind::file: return "-r -F";
    case ValueKind::folder: return "-x -a '(__fish_complete_directories)'";
    case ValueKind::model: return std::string("-x ") + kModels;
    case ValueKind::choice: return "-x -a " + fish_quoted(joined(option.choices));
  }
  return "";
}

std::string option_line(const CommandNode& node, const CommandOption& option) {
  std::string names;
  for (const auto& name : option.names) {
    names += name.starts_with("--") ? "-l " + name.substr(2) + " " : "-s " + name.substr(1) + " ";
  }
  // A switch's value is joined by '=', which fish cannot be told; it is completed as a plain option.
  return line(node, names + (option.kind == ValueKind::optional_choice ? "" : value_text(option)), option.help);
}

}  // namespace

std::string fish_completion(const CommandNode& root) {
  std::string commands;
  for (const auto* node : all_commands(root)) {
    if (node != &root) commands += " " + fish_quoted(node->path);
  }
  std::string text = R"sh(# Completes `inference` in fish:  inference completion fish | source
function __inference_at
    set -l path inference
    for word in (commandline -opc)[2..-1]
        contains -- "$path $word")sh" +
                     commands + R"sh(; and set path "$path $word"
    end
    test "$path" = "$argv"
end
complete -c inference -f
)sh";
  for (const auto* node : all_commands(root)) {
    for (const auto& command : node->commands) text += line(*node, "-a " + fish_quoted(command.name), command.help);
    for (const auto& option : node->options) text += option_line(*node, option);
    if (node->positionals.empty()) continue;
    const bool is_model = node->positionals.front().kind == ValueKind::model;
    text += line(*node, is_model ? kModels : "-F", "");
  }
  return text;
}

}  // namespace osprey::cli
