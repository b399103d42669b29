// `inference server start`: a flag for each setting, in the foreground or in the background.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command_line.hpp"
#include "cli/demo_models.hpp"
#include "cli/detached_server.hpp"
#include "cli/environment_file.hpp"
#include "cli/server_command.hpp"
#include "cli/server_start.hpp"
#include "cli/setting_rules.hpp"
#include "cli/settings.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter =
    R"(Each setting: flag, else environment variable (in parentheses), else settings file, else default.

Examples:
  inference server start --models models
  inference server start --detach --port 9002)";

/// Further names of a flag: short ones, and those of the reference's command.
std::string other_names(const SettingRule& rule) {
  if (rule.key == "port") return ",-p";
  if (rule.key == "host") return ",--bind-address,-b";
  if (rule.key == "api_key") return ",--roboflow-api-key,-k";
  return "";
}

class ServerStart final : public Command {
 public:
  explicit ServerStart(CLI::App& server) : Command(server.add_subcommand("start", "Start the server")) {
    command_->add_flag("--detach", detach_,
                       "In the background, with a pid file and a log in --state-dir; returns when the server answers");
    const ServerSettings defaults;
    for (const auto& rule : setting_rules()) {
      const bool is_switch = std::holds_alternative<bool ServerSettings::*>(rule.member);
      // The environment and the settings file are read by the same table: CLI11 only collects what was typed.
      const auto take = [this, &rule, is_switch](const CLI::results_t& typed) {
        given_.emplace_back(&rule, is_switch && (typed.empty() || typed.back().empty()) ? "true" : typed.back());
        return true;
      };
      auto* option = command_->add_option(rule.flag() + other_names(rule), take);
      option->description(setting_help(rule, defaults));
      option->group(std::string(rule.group));
      option->type_name(setting_type(rule));
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      if (is_switch) option->expected(0, 1);
    }
    command_->add_option("--env-file,-e", environment_file_, "Variables to be set first, a line each: NAME=VALUE")
        ->type_name("FILE");
    command_->add_option("--config", config_, "Settings file (YAML); default: osprey.yaml if there is one")
        ->type_name("FILE")
        ->envname("OSPREY_CONFIG");
    command_->footer(kFooter);
  }

  int run() override {
    if (!environment_file_.empty()) {
      if (auto set = set_environment(environment_file_); !set) return refuse(set.error(), kFailure);
      const char* config = std::getenv("OSPREY_CONFIG");
      if (config_.empty() && config != nullptr) config_ = config;
    }
    ServerSettings settings;
    settings.models = models_without_setting();
    if (!config_.empty() || std::filesystem::exists("osprey.yaml")) {
      if (auto read = read_settings_file(config_.empty() ? "osprey.yaml" : config_, settings); !read) {
        return refuse(read.error(), kFailure);
      }
    }
    if (auto read = read_settings_environment(settings); !read) return refuse(read.error(), kFailure);
    for (const auto& [rule, text] : given_) {
      if (auto set = set_setting(*rule, text, settings); !set) {
        return refuse(set.error().with_context(rule->flag()), kUsage);
      }
    }
    return detach_ ? start_detached(settings) : start_server(settings);
  }

 private:
  std::vector<std::pair<const SettingRule*, std::string>> given_;
  std::string environment_file_;
  std::string config_;
  bool detach_ = false;
};

}  // namespace

std::unique_ptr<Command> make_server_start(CLI::App& server) {
  return std::make_unique<ServerStart>(server);
}

Commands make_server_commands(CLI::App& server) {
  Commands commands;
  commands.push_back(make_server_start(server));
  commands.push_back(make_server_status(server));
  commands.push_back(make_server_stop(server));
  return commands;
}

}  // namespace osprey::cli
