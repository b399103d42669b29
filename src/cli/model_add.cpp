// `inference model add`: an ONNX file becomes a package in the models folder, after it was tried.
#include <cstdio>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "cli/command_line.hpp"
#include "cli/model_command.hpp"
#include "engine/backends.hpp"
#include "package/files.hpp"
#include "package/model_fields.hpp"
#include "registry/own_models.hpp"
#include "vision/preprocess.hpp"

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFooter =
    R"(What the file says of itself (exports of Ultralytics do) need not be given; what nothing tells is
asked for. The file is tried on a blank image before anything is written.

Examples:
  inference model add best.onnx --id my-project/1
  inference model add rfdetr.onnx --id parts/1 --task object-detection --family rfdetr-nano --classes parts.txt
  inference model add yolox_nano.onnx --id coco/1 --task object-detection --family yolox --classes coco_classes.txt
  inference model add resnet18.onnx --id kinds/2 --task classification --family resnet18 --classes kinds.txt --force)";

/// A field's flags: its own, and what else it may be called.
std::string flags_of(std::string_view field) {
  auto names = registry::spelled(field, registry::Spelling::flag);
  if (field == "family") names += ",--architecture";
  if (field == "resize_mode") names += ",--resize";
  if (field == "color_mode") names += ",--colors";
  return names;
}

const char* resize_text(const vision::PreprocessPlan& plan) {
  switch (plan.resize_mode) {
    case vision::ResizeMode::stretch: return "stretched";
    case vision::ResizeMode::center_crop: return "cut out of the middle";
    case vision::ResizeMode::letterbox: break;
  }
  return plan.letterbox_anchor == vision::LetterboxAnchor::center ? "letterboxed" : "letterboxed at the top left";
}

/// In single quotes where a shell would read it otherwise.
std::string quoted(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  if (text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

void print(const registry::AddedModel& added, const ServerSettings& settings) {
  const auto& model = added.model;
  const auto& plan = model.package->preprocess;
  const std::string url = (settings.enable_https ? "https://localhost:" : "http://localhost:") +
                          std::to_string(settings.port == 0 ? 9001 : settings.port);
  char milliseconds[32];
  (void)std::snprintf(milliseconds, sizeof milliseconds, "%.0f ms", added.run_seconds * 1000);
  std::cout << model.model_id << (added.replaced ? " is replaced in " : " is in ") << model.folder.string() << " ("
            << size_text(model.bytes) << ")\n"
            << "  task     " << vision::to_string(model.package->family.task) << '\n'
            << "  family   " << printable(model.package->family.architecture) << '\n'
            << "  input    " << plan.network.width << "x" << plan.network.height << ", " << resize_text(plan)
            << (plan.color_mode == vision::ColorMode::rgb ? ", RGB" : ", BGR") << '\n'
            << "  classes  " << classes_text(model.package->family.class_names) << '\n'
            << "  tried    a blank image: " << milliseconds << " in " << added.backend << '\n'
            << "\nA server on that folder serves it from now on; else: inference server start --models "
            << quoted(settings.models.string()) << "\n\ncurl:\n  base64 -w0 photo.jpg | curl -s -d @- '" << url << '/'
            << model.model_id << "'\nPython (pip install inference-sdk):\n"
            << "  from inference_sdk import InferenceHTTPClient\n"
            << "  client = InferenceHTTPClient(api_url=\"" << url << "\")\n"
            << "  print(client.infer(\"photo.jpg\", model_id=\"" << model.model_id << "\"))\n"
            << std::flush;
}

Result<std::vector<std::string>> read_classes(const std::string& file) {
  const fs::path path(file);
  auto text = package::read_text(path.parent_path(), path.filename().string());
  if (!text) return std::move(text).error().with_context("--classes");
  if (!*text) return Error{Code::not_found, "--classes: there is no file " + file};
  auto names = package::parse_class_names(**text, file);
  if (!names) return std::move(names).error().with_context("--classes");
  return names;
}

class ModelAdd final : public Command {
 public:
  explicit ModelAdd(CLI::App& model)
      : Command(model.add_subcommand("add", "Try an ONNX file and put it into the models folder")) {
    command_->add_option("weights", weights_, "The ONNX file")->required()->type_name("FILE");
    command_->add_option("--id", id_, "What it will be called: project/version; default: the file's name, and 1")
        ->type_name("ID");
    command_->add_option("--classes", classes_, "File with the class names, one a line, in the network's order")
        ->type_name("FILE");
    command_->add_flag("--force", force_, "Replace the model of that id, in one step");
    for (const auto& field : package::model_fields()) {
      command_
          ->add_option(flags_of(field.name),
                       [this, &field](const CLI::results_t& typed) {
                         fields_.emplace_back(&field, typed.back());
                         return true;
                       })
          ->description(std::string(field.description))
          ->type_name(std::string(field.values))
          ->group("What the file does not say, or says wrongly");
    }
    settings_.add_flags(*command_, {"models", "backend"});
    command_->footer(kFooter);
  }

  int run() override {
    registry::NewModel model;
    for (const auto& [field, text] : fields_) {
      const auto flag = registry::spelled(field->name, registry::Spelling::flag);
      if (auto set = package::set_model_field(*field, text, flag, model.said); !set) return refuse(set.error(), kUsage);
    }
    const auto settings = settings_.read();
    if (!settings) return refuse(settings.error(), kUsage);
    if (!classes_.empty()) {
      auto classes = read_classes(classes_);
      if (!classes) return refuse(classes.error(), kFailure);
      model.said.class_names = std::move(classes).value();
    }
    const fs::path weights(weights_);
    model.model_id = id_.empty() ? registry::id_from_file(weights) : id_;
    model.replace = force_;
    model.weights_name = weights.has_filename() ? weights.filename().string() : weights_;
    auto engine = engine::create_engine(settings->backend, make_null_log());
    if (!engine) return refuse(engine.error(), kFailure);
    vision::use_single_threaded_opencv();
    registry::OwnModels models(settings->models, **engine);
    const auto added = models.add(model, weights);
    if (!added) return refuse(added.error(), kFailure);
    if (id_.empty()) std::cerr << "inference: no --id given: it is called " << added->model.model_id << '\n';
    print(*added, *settings);
    return kSuccess;
  }

 private:
  std::string weights_;
  std::string id_;
  std::string classes_;
  bool force_ = false;
  std::vector<std::pair<const package::ModelField*, std::string>> fields_;
};

}  // namespace

std::unique_ptr<Command> make_model_add(CLI::App& model) {
  return std::make_unique<ModelAdd>(model);
}

}  // namespace osprey::cli
