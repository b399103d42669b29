#include "cli/completion/command_tree.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

namespace osprey::cli {
namespace {

/// Up to the first "; ", ": " or ". ", or the first parenthesis: a line of a list has no more room.
std::string first_part(std::string text) {
  for (const char* const end : {"; ", ": ", ". ", " (", " ["}) text = text.substr(0, text.find(end));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// "TEXT:{mixed,performance}" -> mixed, performance: how CLI11 tells of what is checked.
std::vector<std::string> choices_in(const std::string& type) {
  const auto begin = type.find('{');
  const auto end = type.find('}');
  std::vector<std::string> choices;
  if (begin == std::string::npos || end == std::string::npos || end < begin) return choices;
  auto rest = std::string_view(type).substr(begin + 1, end - begin - 1);
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    choices.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return choices;
}

ValueKind kind_of(const CLI::Option& option, const std::string& type, bool has_choices) {
  if (option.get_expected_max() == 0) return ValueKind::none;
  if (option.get_expected_min() == 0) return ValueKind::optional_choice;
  if (has_choices) return ValueKind::choice;
  if (type.starts_with("FILE") || type.starts_with("PATH") || type.starts_with("IMAGE")) return ValueKind::file;
  if (type.starts_with("FOLDER")) return ValueKind::folder;
  if (type.starts_with("ID")) return ValueKind::model;
  return ValueKind::text;
}

CommandOption read_option(const CLI::Option& option) {
  CommandOption read;
  for (const auto& name : option.get_lnames()) read.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) read.names.push_back("-" + name);
  const auto type = option.get_type_name();
  read.help = first_part(option.get_description());
  read.choices = choices_in(type);
  read.kind = kind_of(option, type, !read.choices.empty());
  if (read.kind == ValueKind::optional_choice) read.choices = {"true", "false"};
  return read;
}

CommandNode read_node(const CLI::App& app, const std::string& above) {
  CommandNode node;
  node.name = app.get_name();
  node.path = above.empty() ? node.name : above + " " + node.name;
  node.help = first_part(app.get_description());
  for (const auto* option : app.get_options()) {
    const bool is_named = !option->get_lnames().empty() || !option->get_snames().empty();
    if (is_named) node.options.push_back(read_option(*option));
    if (option->get_positional()) node.positionals.push_back(read_option(*option));
  }
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    node.commands.push_back(read_node(*command, node.path));
  }
  return node;
}

}  // namespace

CommandNode command_tree(const CLI::App& app) {
  return read_node(app, "");
}

std::vector<const CommandNode*> all_commands(const CommandNode& root) {
  std::vector<const CommandNode*> nodes{&root};
  for (const auto& command : root.commands) {
    const auto below = all_commands(command);
    nodes.insert(nodes.end(), below.begin(), below.end());
  }
  return nodes;
}

}  // namespace osprey::cli
