// `inference model pull`: downloads a model into the cache, so that its first request finds it there.
#include <iostream>
#include <string>
#include <utility>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/cached_models.hpp"
#include "cli/command_line.hpp"
#include "cli/model_command.hpp"
#include "cli/progress_bar.hpp"
#include "engine/backends.hpp"
#include "registry/own_models.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter =
    R"(Downloads from the registry of --registry-url, or finds the model in the cache, and tells whether it can be
served. A download that is cut is taken up again by the next.

Example:
  inference model pull my-project/1 --registry-url https://registry.example --cache /var/cache/osprey)";

class ModelPull final : public Command {
 public:
  explicit ModelPull(CLI::App& model) : Command(model.add_subcommand("pull", "Download a model into the cache")) {
    command_->add_option("id", id_, "The model: project/version")->required()->type_name("ID");
    settings_.add_flags(*command_, {"api_key", "cache", "registry_url", "registry_weights_url", "registry_gateway",
                                    "verify_registry_tls", "backend"});
    command_->footer(kFooter);
  }

  int run() override {
    const auto settings = settings_.read();
    if (!settings) return refuse(settings.error(), kUsage);
    const auto hub = open_hub(*settings);
    if (!hub) return refuse(hub.error(), kFailure);
    if (!*hub) return refuse({Code::invalid_argument, "there is no cache to download into; give --cache"}, kFailure);
    auto engine = engine::create_engine(settings->backend, make_null_log());
    if (!engine) return refuse(engine.error(), kFailure);

    auto package = download(**hub);
    if (!package) return refuse(package.error(), kFailure);
    const auto model = registry::summarize(id_, package->folder(), **engine);
    if (model.error) return refuse(model.error->with_context("package " + id_ + " cannot be served"), kFailure);
    const auto& read = *model.package;
    std::cout << printable(id_) << (package->downloaded() ? " is downloaded" : " was in the cache") << ": "
              << vision::to_string(read.family.task) << ", " << printable(read.family.architecture) << ", "
              << read.preprocess.network.width << "x" << read.preprocess.network.height << ", "
              << read.family.class_names.size() << " classes, " << size_text(model.bytes) << ", in "
              << package->folder().string() << '\n';
    return kSuccess;
  }

 private:
  Result<hub::CachedPackage> download(hub::Hub& hub) {
    ProgressBar bar(std::cerr, isatty(STDERR_FILENO) != 0, id_, std::make_shared<SteadyClock>());
    // The key is among the hub's options.
    return hub.get(id_, {}, CancelToken(), [&bar](const hub::DownloadProgress& progress) {
      bar.show(progress.file, progress.received, progress.total);
    });
  }

  std::string id_;
};

}  // namespace

std::unique_ptr<Command> make_model_pull(CLI::App& model) {
  return std::make_unique<ModelPull>(model);
}

}  // namespace osprey::cli
