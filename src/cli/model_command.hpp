// The subcommands of `inference model`, and how they tell of a model.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace CLI {
class App;
}

namespace osprey::cli {

[[nodiscard]] std::unique_ptr<Command> make_model_check(CLI::App& model);
[[nodiscard]] std::unique_ptr<Command> make_model_add(CLI::App& model);
[[nodiscard]] std::unique_ptr<Command> make_model_list(CLI::App& model);
[[nodiscard]] std::unique_ptr<Command> make_model_remove(CLI::App& model);
[[nodiscard]] std::unique_ptr<Command> make_model_pull(CLI::App& model);
[[nodiscard]] std::unique_ptr<Command> make_model_quantize(CLI::App& model);

/// All of them.
[[nodiscard]] Commands make_model_commands(CLI::App& model);

/// "1.7 MB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// The first few of a model's classes: "80: person, bicycle, car, ...".
[[nodiscard]] std::string classes_text(const std::vector<std::string>& classes);

}  // namespace osprey::cli
