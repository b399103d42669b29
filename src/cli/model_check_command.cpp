// `inference model check` as a subcommand.
#include <string>

#include <CLI/CLI.hpp>

#include "cli/model_check.hpp"
#include "cli/model_command.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter =
    R"(Exit code: 0 all can be served, 3 some cannot, 4 none can.

Example:
  inference model check --models models)";

class ModelCheckCommand final : public Command {
 public:
  explicit ModelCheckCommand(CLI::App& model)
      : Command(model.add_subcommand("check", "Tell which packages of a models folder can be served")) {
    command_->add_option("--models", models_, "Folder of model packages")
        ->envname("OSPREY_MODELS")
        ->type_name("FOLDER")
        ->capture_default_str();
    command_->add_option("--backend", backend_, "auto, openvino or onnxruntime")
        ->envname("OSPREY_BACKEND")
        ->type_name("VALUE")
        ->capture_default_str();
    command_->add_flag("--quiet,-q", quiet_, "No summary");
    command_->footer(kFooter);
  }

  int run() override { return check_models(models_, backend_, quiet_); }

 private:
  std::string models_ = "models";
  std::string backend_ = "auto";
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_model_check(CLI::App& model) {
  return std::make_unique<ModelCheckCommand>(model);
}

}  // namespace osprey::cli
