// What the subcommands of `inference model` have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/command_settings.hpp"

namespace osprey::cli {

/// A subcommand: made before the command line is parsed, run after it.
class ModelCommand {
 public:
  virtual ~ModelCommand() = default;
  ModelCommand(const ModelCommand&) = delete;
  ModelCommand& operator=(const ModelCommand&) = delete;

  /// Whether the command line names it.
  [[nodiscard]] bool chosen() const;
  /// Does it; returns the exit code.
  [[nodiscard]] virtual int run() = 0;

 protected:
  explicit ModelCommand(CLI::App* command) : command_(command) {}

  CLI::App* command_;
  CommandSettings settings_;
};

[[nodiscard]] std::unique_ptr<ModelCommand> make_model_add(CLI::App& model);
[[nodiscard]] std::unique_ptr<ModelCommand> make_model_list(CLI::App& model);
[[nodiscard]] std::unique_ptr<ModelCommand> make_model_remove(CLI::App& model);
[[nodiscard]] std::unique_ptr<ModelCommand> make_model_pull(CLI::App& model);
[[nodiscard]] std::unique_ptr<ModelCommand> make_model_quantize(CLI::App& model);

/// All of them.
[[nodiscard]] std::vector<std::unique_ptr<ModelCommand>> make_model_commands(CLI::App& model);

/// Writes "inference: message" to standard error; returns `exit_code`.
[[nodiscard]] int refuse(const Error& error, int exit_code);

/// Text from files for a terminal: control characters become '?'.
[[nodiscard]] std::string printable(std::string_view text);

/// "1.7 MB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// The first few of a model's classes: "80: person, bicycle, car, ...".
[[nodiscard]] std::string classes_text(const std::vector<std::string>& classes);

}  // namespace osprey::cli
