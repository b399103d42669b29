#include "cli/command_line.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <iterator>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/argument_names.hpp"
#include "cli/benchmark/benchmark_command.hpp"
#include "cli/completion/completion_command.hpp"
#include "cli/infer_command.hpp"
#include "cli/model_command.hpp"
#include "cli/server_command.hpp"

namespace osprey::cli {
namespace {

/// The subcommand that was typed, as far as it was understood.
const CLI::App& innermost(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : innermost(*parsed.back());
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

/// One line that says what is wrong and where to read what is right.
int tell_usage(const CLI::App& app, const std::string& what) {
  std::cerr << "inference: " << printable(what) << "; see: " << full_name(innermost(app)) << " --help\n";
  return kUsage;
}

}  // namespace

CommandLine::CommandLine()
    : app_(std::make_unique<CLI::App>("Osprey: an inference server for computer-vision models", "inference")) {
  app_->set_version_flag("--version", std::string("osprey ") + OSPREY_VERSION);
  const auto add = [this](Commands commands) {
    std::move(commands.begin(), commands.end(), std::back_inserter(commands_));
  };
  add(make_server_commands(*app_->add_subcommand("server", "Run the inference server")));
  commands_.push_back(make_infer_command(*app_));
  add(make_model_commands(*app_->add_subcommand("model", "Look after model packages")));
  add(make_benchmark_commands(*app_->add_subcommand("benchmark", "Measure how fast predictions are")));
  add(make_completion_commands(*app_));
  app_->footer("Exit code: 0 done, 1 not (one line on standard error says why), 2 the command line is wrong.");
}

CommandLine::~CommandLine() = default;

void CommandLine::parse(const std::vector<std::string>& arguments) {
  auto read = with_known_names(*app_, arguments);
  std::reverse(read.begin(), read.end());  // as CLI11 takes them
  app_->parse(read);
}

int CommandLine::run(const std::vector<std::string>& arguments) {
  try {
    parse(arguments);
  } catch (const CLI::Success& e) {
    return app_->exit(e);  // prints help or the version
  } catch (const CLI::ParseError& e) {
    return tell_usage(*app_, e.what());
  }
  const auto chosen = std::find_if(commands_.begin(), commands_.end(), [](const auto& each) { return each->chosen(); });
  if (chosen != commands_.end()) return (*chosen)->run();
  // Not left to CLI11, which asks for a subcommand before it names the word that it does not know.
  return tell_usage(*app_, "a subcommand is required");
}

int run(int argc, char** argv) {
  try {
    CommandLine line;
    return line.run({argv + std::min(argc, 1), argv + argc});
  } catch (const std::exception& e) {
    std::cerr << "inference: " << e.what() << '\n';
    return kFailure;
  }
}

}  // namespace osprey::cli
