#include "cli/command_line.hpp"

#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/model_check.hpp"
#include "cli/server_start.hpp"
#include "cli/settings.hpp"

namespace osprey::cli {
namespace {

/// Flags of `server start`; what was given on the command line or in the environment wins over the settings file.
class ServerStartCommand {
 public:
  explicit ServerStartCommand(CLI::App& server)
      : command_(server.add_subcommand("start", "Start the server in the foreground")) {
    add("--host", given_.host, "HOST", "Address to listen on");
    add("--port,-p", given_.port, "PORT", "Port to listen on; 0 for any free one");
    add("--models", given_.models, "OSPREY_MODELS", "Folder of model packages: <project>/<version>/");
    add("--cache", given_.cache, "MODEL_CACHE_DIR",
        "Folder for compiled networks; none: they are compiled at each start");
    add("--backend", given_.backend, "OSPREY_BACKEND",
        "auto (OpenVINO, and ONNX Runtime for networks that it refuses), openvino or onnxruntime");
    add("--max-active-models", given_.max_active_models, "MAX_ACTIVE_MODELS", "Models in memory at a time")
        ->check(CLI::PositiveNumber);
    add("--max-body-mib", given_.max_body_mib, "OSPREY_MAX_BODY_MIB", "Largest request body, MiB")
        ->check(CLI::Range(1, 4096));
    add("--allow-url-input", given_.allow_url_input, "ALLOW_URL_INPUT", "Fetch images by URL");
    add("--allow-non-https-url-input", given_.allow_non_https_url_input, "ALLOW_NON_HTTPS_URL_INPUT", "By http:// too");
    add("--allow-url-input-without-fqdn", given_.allow_url_input_without_fqdn, "ALLOW_URL_INPUT_WITHOUT_FQDN",
        "From hosts named without a domain");
    add("--allow-url-to-non-global-addresses", given_.allow_url_to_non_global_addresses,
        "ALLOW_URL_TO_NON_GLOBAL_ADDRESSES", "From loopback and private addresses");
    add("--log-level", given_.log_level, "LOG_LEVEL", "debug, info, warning, error or off");
    command_->add_option("--config", config_, "Settings file (YAML); default: osprey.yaml if there is one")
        ->envname("OSPREY_CONFIG");
    command_->footer("Each setting: flag, else environment variable, else settings file, else default.");
  }

  [[nodiscard]] bool chosen() const { return command_->parsed(); }

  int run() {
    ServerSettings settings;
    const bool has_default_file = std::filesystem::exists("osprey.yaml");
    if (!config_.empty() || has_default_file) {
      if (auto read = read_settings_file(config_.empty() ? "osprey.yaml" : config_, settings); !read) {
        std::cerr << "inference: " << read.error().message << '\n';
        return kFailure;
      }
    }
    take_given(settings);
    if (const char* id = std::getenv("INFERENCE_SERVER_ID")) settings.server_id = id;
    return start_server(settings);
  }

 private:
  template <typename Value>
  CLI::Option* add(const std::string& names, Value& value, const char* variable, const std::string& description) {
    auto* option = command_->add_option(names, value, description)->envname(variable)->capture_default_str();
    return option;
  }

  void take_given(ServerSettings& settings) {
    const auto given = [this](const char* name) { return command_->get_option(name)->count() > 0; };
    if (given("--host")) settings.host = given_.host;
    if (given("--port")) settings.port = given_.port;
    if (given("--models")) settings.models = given_.models;
    if (given("--cache")) settings.cache = given_.cache;
    if (given("--backend")) settings.backend = given_.backend;
    if (given("--max-active-models")) settings.max_active_models = given_.max_active_models;
    if (given("--max-body-mib")) settings.max_body_mib = given_.max_body_mib;
    if (given("--allow-url-input")) settings.allow_url_input = given_.allow_url_input;
    if (given("--allow-non-https-url-input")) settings.allow_non_https_url_input = given_.allow_non_https_url_input;
    if (given("--allow-url-input-without-fqdn"))
      settings.allow_url_input_without_fqdn = given_.allow_url_input_without_fqdn;
    if (given("--allow-url-to-non-global-addresses"))
      settings.allow_url_to_non_global_addresses = given_.allow_url_to_non_global_addresses;
    if (given("--log-level")) settings.log_level = given_.log_level;
  }

  CLI::App* command_;
  ServerSettings given_;
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
  try {
    app.parse(argc, argv);
    if (start.chosen()) return start.run();
    if (check.chosen()) return check.run();
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
