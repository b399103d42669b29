#include "cli/command_line.hpp"

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/model_check.hpp"
#include "cli/model_command.hpp"
#include "cli/server_start.hpp"
#include "cli/setting_rules.hpp"
#include "cli/settings.hpp"

namespace osprey::cli {
namespace {

/// `server start`: one flag for each setting.
class ServerStartCommand {
 public:
  explicit ServerStartCommand(CLI::App& server)
      : command_(server.add_subcommand("start", "Start the server in the foreground")) {
    const ServerSettings defaults;
    for (const auto& rule : setting_rules()) {
      const bool is_switch = std::holds_alternative<bool ServerSettings::*>(rule.member);
      const std::string names = rule.flag() + (rule.key == "port" ? ",-p" : "");
      // The environment and the settings file are read by the same table: CLI11 only collects what was typed.
      auto* option = command_->add_option(names, [this, &rule, is_switch](const CLI::results_t& typed) {
        given_.emplace_back(&rule, is_switch && (typed.empty() || typed.back().empty()) ? "true" : typed.back());
        return true;
      });
      const std::string value = setting_text(rule, defaults);
      option->description(std::string(rule.help) + (value.empty() || rule.secret ? "" : " [" + value + "]") + " (" +
                          std::string(rule.variables) + ")");
      option->group(std::string(rule.group));
      option->type_name(is_switch ? "" : "VALUE");
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      if (is_switch) option->expected(0, 1);
    }
    command_->add_option("--config", config_, "Settings file (YAML); default: osprey.yaml if there is one")
        ->envname("OSPREY_CONFIG");
    command_->footer(
        "Each setting: flag, else environment variable (in parentheses), else settings file, else default.");
  }

  [[nodiscard]] bool chosen() const { return command_->parsed(); }

  int run() {
    ServerSettings settings;
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
    return start_server(settings);
  }

 private:
  static int refuse(const Error& error, int exit_code) {
    std::cerr << "inference: " << error.message << '\n';
    return exit_code;
  }

  CLI::App* command_;
  std::vector<std::pair<const SettingRule*, std::string>> given_;
  std::string config_;
};

/// `model check`.
class ModelCheckCommand {
 public:
  explicit ModelCheckCommand(CLI::App& model)
      : command_(model.add_subcommand("check", "Tell which packages of a models folder can be served")) {
    command_->add_option("--models", models_, "Folder of model packages")
        ->envname("OSPREY_MODELS")
        ->capture_default_str();
    command_->add_option("--backend", backend_, "auto, openvino or onnxruntime")
        ->envname("OSPREY_BACKEND")
        ->capture_default_str();
    command_->add_flag("--quiet,-q", quiet_, "No summary");
    command_->footer("Exit code: 0 all can be served, 3 some cannot, 4 none can.");
  }

  [[nodiscard]] bool chosen() const { return command_->parsed(); }
  [[nodiscard]] int run() const { return check_models(models_, backend_, quiet_); }

 private:
  CLI::App* command_;
  std::string models_ = "models";
  std::string backend_ = "auto";
  bool quiet_ = false;
};

int run_parsed(int argc, char** argv) {
  CLI::App app("Osprey: an inference server for computer-vision models", "inference");
  app.set_version_flag("--version", std::string("osprey ") + OSPREY_VERSION);
  auto* server = app.add_subcommand("server", "Run the inference server");
  ServerStartCommand start(*server);
  auto* model = app.add_subcommand("model", "Look after model packages");
  ModelCheckCommand check(*model);
  const auto model_commands = make_model_commands(*model);
  try {
    app.parse(argc, argv);
    if (start.chosen()) return start.run();
    if (check.chosen()) return check.run();
    for (const auto& command : model_commands) {
      if (command->chosen()) return command->run();
    }
    // Not left to CLI11, which asks for a subcommand before it names the word that it does not know.
    const CLI::App* innermost = server->parsed() ? server : model->parsed() ? model : &app;
    throw CLI::RequiredError(
        "A subcommand is required: see inference" + (innermost == &app ? "" : " " + innermost->get_name()) + " --help",
        CLI::ExitCodes::RequiredError);
  } catch (const CLI::ParseError& e) {
    // CLI11 prints help and versions itself; its own codes for errors are folded into one.
    return app.exit(e) == 0 ? kSuccess : kUsage;
  }
}

}  // namespace

int run(int argc, char** argv) {
  try {
    return run_parsed(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "inference: " << e.what() << '\n';
    return kFailure;
  }
}

}  // namespace osprey::cli
