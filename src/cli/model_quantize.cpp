// `inference model quantize`: an 8-bit package beside the original.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <stop_token>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "cli/cached_models.hpp"
#include "cli/command_line.hpp"
#include "cli/model_command.hpp"
#include "cli/stop_on_interrupt.hpp"
#include "engine/backends.hpp"
#include "quantization/pictures.hpp"
#include "quantization/quantization.hpp"
#include "registry/aliases.hpp"
#include "registry/model_folder.hpp"
#include "registry/own_models.hpp"
#include "vision/preprocess.hpp"

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFooter =
    R"(Calibrates on three of four pictures and judges by the fourth: the new package is written only when it finds what
the original finds. The tool (NNCF) is installed once, into an environment of its own in the cache; --python names one
that is there. The original stays as it is.

Examples:
  inference model quantize my-project/1 --images photos
  inference model quantize my-project/1 --images photos --id my-project-small/1 --min-agreement 0.98)";

/// "parts/2" -> "parts-int8/2": both segments stay what every route takes.
std::string default_id(const std::string& model_id) {
  const auto slash = model_id.find('/');
  if (slash == std::string::npos) return model_id + "-int8/1";
  return model_id.substr(0, slash) + "-int8" + model_id.substr(slash);
}

std::string fixed(double value, int digits) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

class ModelQuantize final : public Command {
 public:
  explicit ModelQuantize(CLI::App& model)
      : Command(model.add_subcommand("quantize", "Make an 8-bit package of a model, faster on the processor")) {
    command_->add_option("id", id_, "The model: project/version")->required()->type_name("ID");
    command_->add_option("--images", images_, "Folder with at least 20 pictures of what the model will see")
        ->required()
        ->type_name("FOLDER");
    command_->add_option("--id", new_id_, "What it will be called; default: project-int8/version")->type_name("ID");
    command_->add_flag("--force", job_.replace, "Replace the model of that id, in one step");
    command_
        ->add_option("--min-agreement", job_.min_agreement, "Share of what both find, below which nothing is written")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command_->add_flag("--unjudged", job_.accept_unjudged,
                       "Write it also where the original finds nothing in the pictures held back");
    command_
        ->add_option("--preset", job_.preset, "What of the network is symmetric: mixed (weights), performance (all)")
        ->check(CLI::IsMember({std::string(quantization::kPresets[0]), std::string(quantization::kPresets[1])}))
        ->capture_default_str();
    command_->add_option("--most-images", job_.most_pictures, "Of more pictures, so many are taken, spread evenly")
        ->check(CLI::Range(quantization::kFewestPictures, std::size_t{10'000}))
        ->capture_default_str();
    command_->add_option("--python", python_, "An interpreter with nncf, onnx and onnxruntime; default: one is made")
        ->envname("OSPREY_QUANTIZE_PYTHON")
        ->type_name("FILE");
    settings_.add_flags(*command_, {"models", "cache", "backend"});
    command_->footer(kFooter);
  }

  int run() override {
    const auto settings = settings_.read();
    if (!settings) return refuse(settings.error(), kUsage);
    auto original = find_original(*settings);
    if (!original) return refuse(original.error(), kFailure);
    const auto new_id = registry::checked_new_id(new_id_.empty() ? default_id(id_) : new_id_);
    if (!new_id) return refuse(new_id.error(), kUsage);
    job_.original = std::move(original).value();
    job_.target = settings->models / *new_id;
    job_.pictures = images_;
    if (auto possible = check(*new_id); !possible) return refuse(possible.error(), kFailure);
    auto engine = engine::create_engine(settings->backend, make_null_log());
    if (!engine) return refuse(engine.error(), kFailure);
    vision::use_single_threaded_opencv();

    StopOnInterrupt interrupt;
    CancelToken cancel;
    const std::stop_callback on_interrupt(interrupt.token(), [&] { cancel.cancel(); });
    interrupt.begin();
    const auto tell = [](const std::string& what) { std::cerr << "inference: " << printable(what) << '\n'; };
    const auto tool = python_.empty() ? quantization::QuantizationTool::install(settings->cache, cancel, tell)
                                      : quantization::QuantizationTool::with(python_);
    if (!tool) return refuse(tool.error(), kFailure);
    const auto result = quantization::quantize(job_, *tool, **engine, cancel, tell);
    if (!result) return refuse(result.error(), kFailure);
    print(*new_id, *result);
    return kSuccess;
  }

 private:
  /// The models folder first, then the cache, under its own name and then under what an alias stands for.
  Result<fs::path> find_original(const ServerSettings& settings) const {
    if (auto valid = registry::check_model_id(id_); !valid) {
      return Error{Code::invalid_argument, "'" + id_ + "' is no model id; project/version is expected"};
    }
    std::vector<std::string> there;
    if (const auto folder = registry::ModelFolder::open(settings.models)) {
      auto found = folder->find(id_);
      if (found || found.error().code != Code::not_found) return found;
      there = folder->list();
    }
    const auto hub = open_hub(settings);
    if (!hub) return hub.error();
    if (*hub) {
      for (auto& entry : (*hub)->list()) {
        if (entry.model_id == id_ || entry.model_id == registry::resolve_alias(id_)) return entry.folder;
        there.push_back(std::move(entry.model_id));
      }
    }
    std::string text = "no model " + id_ + " in " + settings.models.string() + " or the cache; ";
    text += there.empty() ? "there are none" : "there are: ";
    constexpr std::size_t kShown = 20;
    for (std::size_t i = 0; i < std::min(there.size(), kShown); ++i) text += (i == 0 ? "" : ", ") + there[i];
    return Error{Code::not_found, there.size() > kShown ? text + ", ..." : text};
  }

  /// What can be told before minutes are spent.
  [[nodiscard]] Status check(const std::string& new_id) const {
    std::error_code error;
    if (!job_.replace && fs::exists(job_.target, error)) {
      return Error{Code::invalid_argument, "the model " + new_id + " is there already; --force replaces it"};
    }
    if (!python_.empty() && ::access(python_.c_str(), X_OK) != 0) {
      return Error{Code::not_found, "--python: " + python_ + " is no program; python3 of an environment with nncf, " +
                                        "onnx and onnxruntime is expected"};
    }
    const auto pictures = quantization::list_pictures(job_.pictures, job_.most_pictures);
    return pictures ? Status() : Status(pictures.error());
  }

  void print(const std::string& new_id, const quantization::QuantizationResult& result) const {
    for (const auto& picture : result.skipped) std::cerr << "inference: left out: " << printable(picture) << '\n';
    const auto& gain = result.gain;
    std::cout << new_id << (result.replaced ? " is replaced in " : " is in ") << job_.target.string() << " ("
              << size_text(result.quantized_bytes) << "; the original's network: " << size_text(result.original_bytes)
              << ")\n  agreement  "
              << (result.agreement ? fixed(*result.agreement * 100, 1) + " %: " + result.agreement_text
                                   : std::string("not judged: the original finds nothing to compare"))
              << ", in " << result.judged_on << " pictures held back (asked for: " << fixed(job_.min_agreement * 100, 1)
              << " %)\n  speed      " << fixed(gain.median, 2) << " times the original's (" << fixed(gain.least, 2)
              << " to " << fixed(gain.most, 2) << "): " << fixed(gain.quantized_rate, 1) << " and "
              << fixed(gain.original_rate, 1) << " pictures a second through the network\n  calibrated on "
              << result.calibrated_on << " pictures\n"
              << std::flush;
  }

  std::string id_;
  std::string images_;
  std::string new_id_;
  std::string python_;
  quantization::QuantizationJob job_;
};

}  // namespace

std::unique_ptr<Command> make_model_quantize(CLI::App& model) {
  return std::make_unique<ModelQuantize>(model);
}

}  // namespace osprey::cli
