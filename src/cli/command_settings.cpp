#include "cli/command_settings.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "cli/setting_rules.hpp"

namespace osprey::cli {

void CommandSettings::add_flags(CLI::App& command, std::initializer_list<std::string_view> keys) {
  const ServerSettings defaults;
  for (const auto key : keys) {
    const auto rules = setting_rules();
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& each) { return each.key == key; });
    if (rule == rules.end()) continue;
    auto* option = command.add_option(rule->flag(), [this, &rule = *rule](const CLI::results_t& typed) {
      given_.emplace_back(&rule, typed.back());
      return true;
    });
    const std::string value = setting_text(*rule, defaults);
    option->description(std::string(rule->help) + (value.empty() || rule->secret ? "" : " [" + value + "]") + " (" +
                        std::string(rule->variables) + ")");
    option->type_name("VALUE");
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  command.add_option("--config", config_, "Settings file (YAML); default: osprey.yaml if there is one")
      ->envname("OSPREY_CONFIG");
}

Result<ServerSettings> CommandSettings::read() const {
  ServerSettings settings;
  std::error_code error;
  if (!config_.empty() || std::filesystem::exists("osprey.yaml", error)) {
    if (auto file = read_settings_file(config_.empty() ? "osprey.yaml" : config_, settings); !file) {
      return std::move(file).error();
    }
  }
  if (auto environment = read_settings_environment(settings); !environment) return std::move(environment).error();
  for (const auto& [rule, text] : given_) {
    if (auto set = set_setting(*rule, text, settings); !set) return set.error().with_context(rule->flag());
  }
  return settings;
}

}  // namespace osprey::cli
