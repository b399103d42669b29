// Settings for commands other than `server start`: some of its flags, and the same variables and settings file.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/settings.hpp"

namespace CLI {
class App;
}

namespace osprey::cli {

struct SettingRule;

/// So that a command works on the folders that the server does. The object must not move once flags were added.
class CommandSettings {
 public:
  CommandSettings() = default;
  CommandSettings(const CommandSettings&) = delete;
  CommandSettings& operator=(const CommandSettings&) = delete;

  /// Adds the flags of these settings, by their keys in the table.
  void add_flags(CLI::App& command, std::initializer_list<std::string_view> keys);

  /// Flag, else environment variable, else osprey.yaml, else what `settings` has. Errors: invalid_argument naming what
  /// is wrong.
  [[nodiscard]] Result<ServerSettings> read(ServerSettings settings = {}) const;

 private:
  std::vector<std::pair<const SettingRule*, std::string>> given_;
  std::string config_;
};

}  // namespace osprey::cli
