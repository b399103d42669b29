#include "cli/completion/shell_cases.hpp"

#include <map>

namespace osprey::cli {
namespace {

std::string kind_name(ValueKind kind) {
  switch (kind) {
    case ValueKind::none: return "";
    case ValueKind::text: return "text";
    case ValueKind::file: return "file";
    case ValueKind::folder: return "folder";
    case ValueKind::model: return "model";
    case ValueKind::choice: return "choice";
    case ValueKind::optional_choice: return "optional";
  }
  return "";
}

}  // namespace

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string command_pattern(const CommandNode& root) {
  std::string pattern;
  for (const auto* node : all_commands(root)) {
    if (node != &root) pattern += (pattern.empty() ? "" : "|") + quoted(node->path);
  }
  return pattern;
}

std::string value_cases(const CommandNode& root) {
  std::map<std::string, std::string> patterns;  // by what the branch does
  for (const auto* node : all_commands(root)) {
    for (const auto& option : node->options) {
      if (option.kind == ValueKind::none) continue;
      const auto action = "kind=" + kind_name(option.kind) + " choices=" + quoted(joined(option.choices));
      auto& pattern = patterns[action];
      for (const auto& name : option.names) pattern += (pattern.empty() ? "" : "|") + quoted(node->path + ":" + name);
    }
  }
  std::string text;
  for (const auto& [action, pattern] : patterns) text += "    " + pattern + ") " + action + " ;;\n";
  return text;
}

std::string command_cases(const CommandNode& root) {
  std::string text;
  for (const auto* node : all_commands(root)) {
    std::vector<std::string> options;
    for (const auto& option : node->options) options.insert(options.end(), option.names.begin(), option.names.end());
    std::vector<std::string> commands;
    for (const auto& command : node->commands) commands.push_back(command.name);
    const auto kind = node->positionals.empty() ? "" : kind_name(node->positionals.front().kind);
    text += "    " + quoted(node->path) + ") options=" + quoted(joined(options)) +
            " commands=" + quoted(joined(commands)) + " kind=" + (kind == "text" ? "file" : kind) + " ;;\n";
  }
  return text;
}

}  // namespace osprey::cli
