// `inference completion`: scripts for shells.
#pragma once

#include "cli/command.hpp"

namespace CLI {
class App;
}

namespace osprey::cli {

/// bash, zsh and fish, which print a script made from all options of `root`, and models, which those scripts ask.
[[nodiscard]] Commands make_completion_commands(CLI::App& root);

}  // namespace osprey::cli
