// Scripts with which shells complete a command line.
#pragma once

#include <string>

#include "cli/completion/command_tree.hpp"

namespace osprey::cli {

// Each completes subcommands, options, their choices, files and folders, and model ids, for which it asks
// `inference completion models`.
[[nodiscard]] std::string bash_completion(const CommandNode& root);
[[nodiscard]] std::string zsh_completion(const CommandNode& root);
[[nodiscard]] std::string fish_completion(const CommandNode& root);

}  // namespace osprey::cli
