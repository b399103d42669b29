// One table of all settings: from it come the flags, the environment variables, the keys of osprey.yaml, and --help.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "cli/settings.hpp"

namespace osprey::cli {

struct SettingRule {
  using Texts = std::vector<std::string>;
  using Member = std::variant<std::string ServerSettings::*, std::filesystem::path ServerSettings::*,
                              bool ServerSettings::*, std::uint16_t ServerSettings::*, std::size_t ServerSettings::*,
                              std::int64_t ServerSettings::*, Texts ServerSettings::*>;

  std::string_view group;      ///< heading in --help
  std::string_view key;        ///< in osprey.yaml; the flag is the same with dashes: --max-body-mib
  std::string_view variables;  ///< environment variables, by comma; the first that is set counts
  std::string_view help;
  Member member;
  std::int64_t least = 0;  ///< of a number
  std::int64_t most = INT64_MAX;
  bool secret = false;  ///< not shown

  [[nodiscard]] std::string flag() const;
};

[[nodiscard]] std::span<const SettingRule> setting_rules();

/// What --help says of a setting: its help, its default unless that is secret, its variables.
[[nodiscard]] std::string setting_help(const SettingRule& rule, const ServerSettings& defaults);

/// What --help calls its value: FOLDER or FILE for a path, nothing for a switch, else VALUE.
[[nodiscard]] std::string setting_type(const SettingRule& rule);

/// Sets one setting from text: booleans as true/false, yes/no, on/off, 1/0 in any case; lists by comma. Errors:
/// invalid_argument saying what is allowed (without the name: the caller knows what it is called where it was read).
[[nodiscard]] Status set_setting(const SettingRule& rule, std::string_view text, ServerSettings& settings);

/// The setting's value as set_setting() reads it.
[[nodiscard]] std::string setting_text(const SettingRule& rule, const ServerSettings& settings);

}  // namespace osprey::cli
