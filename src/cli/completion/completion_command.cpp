#include "cli/completion/completion_command.hpp"

#include <iostream>
#include <set>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/cached_models.hpp"
#include "cli/command_line.hpp"
#include "cli/completion/command_tree.hpp"
#include "cli/completion/completion_scripts.hpp"
#include "cli/demo_models.hpp"
#include "registry/model_folder.hpp"

namespace osprey::cli {
namespace {

struct Shell {
  const char* name;
  const char* footer;
  std::string (*script)(const CommandNode& root);
};

constexpr Shell kShells[] = {
    {"bash", "For this shell:   source <(inference completion bash)\nFor each new one: put that line into ~/.bashrc",
     bash_completion},
    {"zsh",
     "For this shell:   source <(inference completion zsh)\nFor each new one: put that line into ~/.zshrc, after "
     "compinit",
     zsh_completion},
    {"fish",
     "For this shell:   inference completion fish | source\n"
     "For each new one: inference completion fish > ~/.config/fish/completions/inference.fish",
     fish_completion}};

class CompletionScript final : public Command {
 public:
  CompletionScript(CLI::App& completion, const CLI::App& root, const Shell& shell)
      : Command(completion.add_subcommand(shell.name, std::string("Print a script for ") + shell.name)),
        root_(root),
        shell_(shell) {
    command_->footer(shell.footer);
  }

  int run() override {
    std::cout << shell_.script(command_tree(root_)) << std::flush;
    return std::cout ? kSuccess : kFailure;
  }

 private:
  const CLI::App& root_;
  const Shell& shell_;
};

/// The ids alone, without reading a package: what a shell waits for at each Tab.
class CompletionModels final : public Command {
 public:
  explicit CompletionModels(CLI::App& completion)
      : Command(completion.add_subcommand("models", "Print the ids of the models that are there, for those scripts")) {
    settings_.add_flags(*command_, {"models", "cache"});
  }

  int run() override {
    ServerSettings defaults;
    defaults.models = models_without_setting();
    const auto settings = settings_.read(std::move(defaults));
    if (!settings) return refuse(settings.error(), kUsage);
    std::set<std::string> ids;
    if (const auto folder = registry::ModelFolder::open(settings->models)) {
      for (auto& id : folder->list()) ids.insert(std::move(id));
    }
    std::error_code error;
    if (std::filesystem::is_directory(settings->cache, error)) {
      if (const auto hub = open_hub(*settings); hub && *hub) {
        for (auto& entry : (*hub)->list()) ids.insert(std::move(entry.model_id));
      }
    }
    for (const auto& id : ids) std::cout << printable(id) << '\n';
    return kSuccess;
  }
};

}  // namespace

Commands make_completion_commands(CLI::App& root) {
  auto& completion = *root.add_subcommand("completion", "Complete this command in a shell");
  Commands commands;
  for (const auto& shell : kShells) commands.push_back(std::make_unique<CompletionScript>(completion, root, shell));
  commands.push_back(std::make_unique<CompletionModels>(completion));
  return commands;
}

}  // namespace osprey::cli
