#include "cli/command_settings.hpp"

#include <algorithm>
#include <variant>

#include <CLI/CLI.hpp>

#include "cli/setting_rules.hpp"

namespace osprey::cli {

void CommandSettings::add_flags(CLI::App& command, std::initializer_list<std::string_view> keys) {
  const ServerSettings defaults;
  for (const auto key : keys) {
    const auto rules = setting_rules();
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& each) { return each.key == key; });
    if (rule == rules.end()) continue;
    const bool is_switch = std::holds_alternative<bool ServerSettings::*>(rule->member);
    const auto take = [this, &rule = *rule, is_switch](const CLI::results_t& typed) {
      given_.emplace_back(&rule, is_switch && (typed.empty() || typed.back().empty()) ? "true" : typed.back());
      return true;
    };
    const auto* const short_name = key == "port" ? ",-p" : key == "api_key" ? ",-a" : "";
    auto* option = command.add_option(rule->flag() + short_name, take);
    option->description(setting_help(*rule, defaults));
    option->type_name(setting_type(*rule));
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    if (is_switch) option->expected(0, 1);
  }
  command.add_option("--config", config_, "Settings file (YAML); default: osprey.yaml if there is one")
      ->type_name("FILE")
      ->envname("OSPREY_CONFIG");
}

Result<ServerSettings> CommandSettings::read(ServerSettings settings) const {
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
