// `inference model remove`: takes a model out of the models folder or the cache.
#include <iostream>
#include <string>
#include <utility>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/cached_models.hpp"
#include "cli/command_line.hpp"
#include "cli/model_command.hpp"
#include "registry/model_folder.hpp"
#include "registry/own_models.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter = R"(Looks in the models folder first, then in the cache.

Example:
  inference model remove my-project/1 --yes)";

class ModelRemove final : public Command {
 public:
  explicit ModelRemove(CLI::App& model)
      : Command(model.add_subcommand("remove", "Remove a model from the models folder or the cache")) {
    command_->add_option("id", id_, "The model: project/version")->required()->type_name("ID");
    command_->add_flag("--yes,-y", yes_, "Do not ask");
    settings_.add_flags(*command_, {"models", "cache"});
    command_->footer(kFooter);
  }

  int run() override {
    const auto settings = settings_.read();
    if (!settings) return refuse(settings.error(), kUsage);
    const auto folder = registry::ModelFolder::open(settings->models);
    const auto found = folder ? folder->find(id_) : Result<std::filesystem::path>(folder.error());
    if (found) return remove_own(*settings);
    if (found.error().code != Code::not_found) return refuse(found.error(), kFailure);
    const auto hub = open_hub(*settings);
    if (!hub) return refuse(hub.error(), kFailure);
    if (*hub && (*hub)->is_cached(id_)) return remove_cached(**hub);
    return refuse({Code::not_found, "no model " + id_ + "; " + what_is_there(folder, hub->get())}, kFailure);
  }

 private:
  int remove_own(const ServerSettings& settings) {
    if (!confirmed(settings.models.string())) return kFailure;
    if (auto removed = registry::remove_package(settings.models, id_); !removed) {
      return refuse(removed.error(), kFailure);
    }
    std::cout << printable(id_) << " is removed from " << settings.models.string() << '\n';
    return kSuccess;
  }

  int remove_cached(hub::Hub& hub) {
    if (!confirmed("the cache")) return kFailure;
    const auto removed = hub.remove(id_);
    if (!removed) return refuse(removed.error(), kFailure);
    if (!*removed) return refuse({Code::not_found, id_ + " has gone from the cache meanwhile"}, kFailure);
    std::cout << printable(id_) << " is removed from the cache\n";
    return kSuccess;
  }

  [[nodiscard]] bool confirmed(const std::string& place) const {
    if (yes_) return true;
    if (isatty(STDIN_FILENO) == 0) {
      std::cerr << "inference: " << printable(id_) << " is in " << place << "; give --yes to remove it\n";
      return false;
    }
    std::cerr << "Remove " << printable(id_) << " from " << place << "? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  }

  static std::string what_is_there(const Result<registry::ModelFolder>& folder, const hub::Hub* hub) {
    std::vector<std::string> ids = folder ? folder->list() : std::vector<std::string>();
    if (hub != nullptr) {
      for (auto& entry : hub->list()) ids.push_back(std::move(entry.model_id));
    }
    if (ids.empty()) return "there are none";
    constexpr std::size_t kShown = 20;
    std::string text = "there are: ";
    for (std::size_t i = 0; i < ids.size() && i < kShown; ++i) text += (i == 0 ? "" : ", ") + ids[i];
    return ids.size() > kShown ? text + ", ..." : text;
  }

  std::string id_;
  bool yes_ = false;
};

}  // namespace

std::unique_ptr<Command> make_model_remove(CLI::App& model) {
  return std::make_unique<ModelRemove>(model);
}

}  // namespace osprey::cli
