// `inference server stop`: ends servers that --detach started.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command_line.hpp"
#include "cli/server_command.hpp"
#include "cli/server_contact.hpp"
#include "cli/server_process.hpp"
#include "cli/server_record.hpp"

namespace osprey::cli {
namespace {

using std::chrono::steady_clock;

constexpr const char* kFooter =
    R"(Asks the server to end (SIGTERM) and waits until it has answered the requests in flight. Only a server that --detach
started is ever signalled. Exit code: 0 none runs any more, 1 it still runs, or it did not end well.

Examples:
  inference server stop
  inference server stop --port 9002 --timeout 5)";

constexpr double kBeyondDrain = 5;  // seconds that a server may take after its time to finish the requests

class ServerStop final : public Command {
 public:
  explicit ServerStop(CLI::App& server)
      : Command(server.add_subcommand("stop", "Stop a server that --detach started")) {
    command_->add_flag("--all", all_, "All of them, where several run");
    command_
        ->add_option("--timeout", timeout_,
                     "Seconds to wait for its end; default: 5 more than it has to finish its requests")
        ->check(CLI::Range(0.0, 86'400.0))
        ->type_name("SECONDS");
    settings_.add_flags(*command_, {"port", "host", "enable_https", "state_dir"});
    command_->footer(kFooter);
  }

  int run() override {
    const auto settings = settings_.read();
    if (!settings) return refuse(settings.error(), kUsage);
    auto found = find_servers(settings->state_dir);
    if (!found) return refuse(found.error(), kFailure);
    std::vector<FoundServer> running;
    for (auto& server : *found) {
      if (command_->count("--port") > 0 && server.record.port != settings->port) continue;
      if (server.running) {
        running.push_back(std::move(server));
        continue;
      }
      std::cout << "the server on port " << server.record.port
                << " had ended without being stopped; its log: " << printable(server.record.log) << '\n';
      remove_stale(server.file);
    }
    if (running.empty()) return tell_none(*settings);
    if (running.size() > 1 && !all_) {
      std::string ports;
      for (const auto& server : running) ports += (ports.empty() ? "" : ", ") + std::to_string(server.record.port);
      return refuse({Code::invalid_argument, "servers run on the ports " + ports + ": choose one by --port, or --all"},
                    kUsage);
    }
    int exit_code = kSuccess;
    for (const auto& server : running) exit_code = std::max(exit_code, stop(server));
    return exit_code;
  }

 private:
  static int tell_none(const ServerSettings& settings) {
    const auto url = local_url(settings.host, settings.port, settings.enable_https);
    if (settings.port != 0 && ask_server(url)) {
      return refuse({Code::permission_denied,
                     "the server on " + url + " was not started by --detach; stop it where it was started"},
                    kFailure);
    }
    std::cout << "not running: there is no server that --detach started\n";
    return kSuccess;
  }

  [[nodiscard]] int stop(const FoundServer& server) const {
    const auto name = "the server on port " + std::to_string(server.record.port);
    const auto process = ServerProcess::open(server);
    if (!process && process.error().code == Code::not_found) {
      std::cout << name << " has just ended by itself\n";
      return kSuccess;
    }
    if (!process) return refuse(process.error(), kFailure);
    const auto begin = steady_clock::now();
    if (auto sent = process->terminate(); !sent && sent.error().code != Code::not_found) {
      return refuse(sent.error().with_context(name), kFailure);
    }
    const double seconds = timeout_.value_or(static_cast<double>(server.record.drain_seconds) + kBeyondDrain);
    const auto time = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    if (!process->wait(time)) {
      return refuse({Code::deadline_exceeded,
                     name + " (pid " + std::to_string(*server.holder) +
                         ") still finishes requests and ends by itself; to wait longer: inference server stop --port " +
                         std::to_string(server.record.port) + " --timeout " +
                         std::to_string(server.record.drain_seconds + static_cast<std::size_t>(kBeyondDrain))},
                    kFailure);
    }
    const double took = std::chrono::duration<double>(steady_clock::now() - begin).count();
    std::error_code error;
    if (std::filesystem::exists(server.file, error)) {
      remove_stale(server.file);
      return refuse(
          {Code::internal, name + " has ended, but gave up requests or failed; its log: " + server.record.log},
          kFailure);
    }
    std::printf("stopped: %s (pid %d) answered what was in flight and ended after %.1f s\n", name.c_str(),
                static_cast<int>(*server.holder), took);
    return kSuccess;
  }

  bool all_ = false;
  std::optional<double> timeout_;
};

}  // namespace

std::unique_ptr<Command> make_server_stop(CLI::App& server) {
  return std::make_unique<ServerStop>(server);
}

}  // namespace osprey::cli
