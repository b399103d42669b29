// The subcommands and options of a command line, as plain data: read from CLI11, so that it cannot go stale.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace osprey::cli {

/// What can stand in the place of a value.
enum class ValueKind { none, text, file, folder, model, choice, optional_choice };

struct CommandOption {
  std::vector<std::string> names;    ///< with their dashes: "--port", "-p"
  std::string help;                  ///< its first sentence
  ValueKind kind = ValueKind::none;  ///< none: it takes no value; optional_choice: it may stand alone
  std::vector<std::string> choices;
};

struct CommandNode {
  std::string path;  ///< "inference server start"
  std::string name;  ///< "start"
  std::string help;
  std::vector<CommandOption> options;
  std::vector<CommandOption> positionals;
  std::vector<CommandNode> commands;
};

/// Reads an app and all that is below it.
[[nodiscard]] CommandNode command_tree(const CLI::App& app);

/// All nodes, each before those below it.
[[nodiscard]] std::vector<const CommandNode*> all_commands(const CommandNode& root);

}  // namespace osprey::cli
