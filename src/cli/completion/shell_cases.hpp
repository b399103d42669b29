// What bash's and zsh's completion have in common: which words fit where, as branches of a shell's `case`.
#pragma once

#include <string>
#include <vector>

#include "cli/completion/command_tree.hpp"

namespace osprey::cli {

/// Text in single quotes, as every shell takes it.
[[nodiscard]] std::string quoted(const std::string& text);

/// "'inference server'|'inference server start'": every command below the root.
[[nodiscard]] std::string command_pattern(const CommandNode& root);

/// A branch for each option that takes a value, on "path:option": sets `kind` (text, file, folder, model, choice,
/// optional) and `choices`.
[[nodiscard]] std::string value_cases(const CommandNode& root);

/// A branch for each command, on its path: sets `options` and `commands` (words) and `kind` of what may stand without
/// an option (empty: nothing).
[[nodiscard]] std::string command_cases(const CommandNode& root);

[[nodiscard]] std::string joined(const std::vector<std::string>& words);

}  // namespace osprey::cli
