#include "cli/settings.hpp"

#include <algorithm>
#include <cstdlib>

#include <yaml-cpp/yaml.h>

#include "cli/setting_rules.hpp"

namespace osprey::cli {
namespace {

/// A scalar as it is written, or a list as set_setting() takes it.
std::string text_of(const YAML::Node& node) {
  if (!node.IsSequence()) return node.IsNull() ? "" : node.as<std::string>();
  std::string text;
  for (const auto& item : node) text += (text.empty() ? "" : ",") + item.as<std::string>();
  return text;
}

Status set_from_yaml(const std::string& key, const YAML::Node& value, ServerSettings& settings) {
  const auto rules = setting_rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const SettingRule& r) { return r.key == key; });
  if (rule != rules.end()) return set_setting(*rule, text_of(value), settings);
  std::string known;
  for (const auto& each : rules) known += (known.empty() ? "" : ", ") + std::string(each.key);
  return Error{Code::invalid_argument, "unknown key '" + key + "'; known: " + known};
}

/// The value of the first of the variables (by comma) that is set, and that variable's name.
std::pair<std::string, const char*> first_set(std::string_view variables) {
  while (!variables.empty()) {
    const auto comma = std::min(variables.find(','), variables.size());
    std::string name(variables.substr(0, comma));
    if (const char* value = std::getenv(name.c_str())) return {std::move(name), value};
    variables.remove_prefix(std::min(comma + 1, variables.size()));
  }
  return {};
}

/// The folder of ours in the one that the variable names, else in `place` of the home folder.
std::filesystem::path user_folder(const char* variable, const char* place) {
  if (const char* folder = std::getenv(variable); folder != nullptr && *folder != '\0') {
    return std::filesystem::path(folder) / "osprey";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / place / "osprey";
  }
  return {};
}

}  // namespace

std::filesystem::path ServerSettings::default_cache() {
  return user_folder("XDG_CACHE_HOME", ".cache");
}

std::filesystem::path ServerSettings::default_state_dir() {
  return user_folder("XDG_STATE_HOME", ".local/state");
}

Status read_settings_file(const std::filesystem::path& file, ServerSettings& settings) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return Error{Code::not_found, "no settings file " + file.string()};
  std::string key;
  try {
    const YAML::Node root = YAML::LoadFile(file.string());
    if (root.IsNull()) return {};
    if (!root.IsMap()) return Error{Code::invalid_argument, file.string() + ": expected `key: value` lines"};
    for (const auto& entry : root) {
      key = entry.first.as<std::string>();
      if (auto set = set_from_yaml(key, entry.second, settings); !set) {
        return std::move(set).error().with_context(file.string() + ": " + key);
      }
    }
  } catch (const YAML::Exception& e) {
    return Error{Code::invalid_argument, file.string() + (key.empty() ? "" : ": " + key) + ": " + e.what()};
  }
  return {};
}

Status read_settings_environment(ServerSettings& settings) {
  for (const auto& rule : setting_rules()) {
    const auto [name, value] = first_set(rule.variables);
    if (value == nullptr) continue;
    const bool may_be_empty = std::holds_alternative<std::string ServerSettings::*>(rule.member) ||
                              std::holds_alternative<std::filesystem::path ServerSettings::*>(rule.member) ||
                              std::holds_alternative<SettingRule::Texts ServerSettings::*>(rule.member);
    if (*value == '\0' && !may_be_empty) continue;  // as compose files write what is not set
    if (auto set = set_setting(rule, value, settings); !set) return std::move(set).error().with_context(name);
  }
  return {};
}

}  // namespace osprey::cli
