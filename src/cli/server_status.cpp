// `inference server status`: which servers run on this machine.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "cli/model_command.hpp"
#include "cli/server_command.hpp"
#include "cli/server_contact.hpp"
#include "cli/server_record.hpp"
#include "cli/terminal.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter =
    R"(Shows each server that --detach started, and one that answers on the port of the settings, however it was started.
Exit code: 0 one runs, 3 none does.

Examples:
  inference server status
  inference server status --port 9002 --json)";

/// Resident memory of a process; none where it cannot be told.
std::optional<std::uint64_t> memory_of(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    std::uint64_t kib = 0;
    if (status >> kib) return kib << 10;
  }
  return std::nullopt;
}

std::string duration_text(std::int64_t seconds) {
  const std::pair<std::int64_t, const char*> units[] = {{86'400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
  std::string text;
  int told = 0;  // two units are enough
  for (const auto& [length, name] : units) {
    const auto count = seconds / length;
    seconds %= length;
    if (count == 0 && (told == 0 || length == 1) && !(told == 0 && length == 1)) continue;
    text += (text.empty() ? "" : " ") + std::to_string(count) + name;
    if (++told == 2) break;
  }
  return text;
}

/// What is told of one server.
struct Seen {
  std::string url;
  std::uint16_t port = 0;
  std::optional<FoundServer> found;    ///< none: --detach did not start it
  std::optional<ServerAnswer> answer;  ///< none: it does not answer
  Result<std::vector<std::string>> models = Error{Code::unavailable, "the server does not answer"};

  [[nodiscard]] bool running() const { return found ? found->running : answer.has_value(); }
};

class ServerStatus final : public Command {
 public:
  explicit ServerStatus(CLI::App& server)
      : Command(server.add_subcommand("status", "Tell which servers run on this machine")) {
    command_->add_flag("--json", json_, "As JSON");
    settings_.add_flags(*command_, {"port", "host", "enable_https", "state_dir"});
    command_->footer(kFooter);
  }

  int run() override {
    const auto settings = settings_.read();
    if (!settings) return refuse(settings.error(), kUsage);
    const bool one_port = command_->count("--port") > 0;
    auto found = find_servers(settings->state_dir);
    if (!found) return refuse(found.error(), kFailure);
    std::vector<Seen> servers;
    bool has_port = false;
    for (auto& server : *found) {
      if (one_port && server.record.port != settings->port) continue;
      has_port = has_port || server.record.port == settings->port;
      servers.push_back(look(std::move(server), *settings));
    }
    if (!has_port || std::none_of(servers.begin(), servers.end(), [](const Seen& each) { return each.running(); })) {
      look_elsewhere(*settings, servers);
    }
    const bool runs = std::any_of(servers.begin(), servers.end(), [](const Seen& each) { return each.running(); });
    if (json_) {
      print_json(servers, runs);
    } else {
      for (const auto& server : servers) print(server);
      if (servers.empty()) {
        std::cout << "not running: nothing answers on " << url_of(*settings)
                  << ", and no server was started by --detach\n";
      }
    }
    return runs ? kSuccess : kNotRunning;
  }

 private:
  static std::string url_of(const ServerSettings& settings) {
    return local_url(settings.host, settings.port, settings.enable_https);
  }

  static void ask(Seen& seen, const ServerSettings& settings) {
    auto answer = ask_server(seen.url);
    if (!answer) return;
    seen.answer = std::move(answer).value();
    seen.models = ask_models(seen.url, settings.server_keys.empty() ? "" : settings.server_keys.front());
  }

  static Seen look(FoundServer server, const ServerSettings& settings) {
    Seen seen;
    seen.url = local_url(server.record.host, server.record.port, server.record.https);
    seen.port = server.record.port;
    if (server.running) ask(seen, settings);
    seen.found = std::move(server);
    return seen;
  }

  /// A server in the foreground, or one that something else started.
  static void look_elsewhere(const ServerSettings& settings, std::vector<Seen>& servers) {
    Seen seen;
    seen.url = url_of(settings);
    seen.port = settings.port;
    if (settings.port != 0) ask(seen, settings);
    if (seen.answer) servers.push_back(std::move(seen));
  }

  static std::string models_text(const Seen& seen) {
    if (!seen.models) return "not told: " + printable(seen.models.error().message);
    std::string text = std::to_string(seen.models->size()) + " in memory";
    for (std::size_t i = 0; i < seen.models->size(); ++i) text += (i == 0 ? ": " : ", ") + printable((*seen.models)[i]);
    return text;
  }

  void print(const Seen& seen) const {
    const auto line = [](const char* name, const std::string& value) {
      std::printf("  %-8s %s\n", name, value.c_str());
    };
    std::string head = terminal_.paint("running", Colour::good);
    if (!seen.running()) head = terminal_.paint("not running", Colour::bad);
    if (seen.running() && !seen.answer) head = terminal_.paint("running, without an answer", Colour::bad);
    std::printf("%s: %s\n", head.c_str(), seen.url.c_str());
    if (seen.answer) line("version", printable(seen.answer->name + " " + seen.answer->version));
    if (!seen.found) {
      line("models", models_text(seen));
      line("started", "by other means than --detach");
      return;
    }
    const auto& record = seen.found->record;
    if (!seen.found->running) {
      line("pid", std::to_string(record.pid) + ", which has ended without being stopped");
      line("log", printable(record.log));
      return;
    }
    if (seen.found->holder) {
      line("pid", std::to_string(*seen.found->holder));
      if (const auto memory = memory_of(*seen.found->holder)) line("memory", size_text(*memory));
    } else {
      line("pid", "in another container or machine");
    }
    line("uptime", duration_text(std::max<std::int64_t>(0, std::time(nullptr) - record.started)));
    line("models", models_text(seen));
    line("folder", printable(record.models));
    line("log", printable(record.log));
  }

  static void print_json(const std::vector<Seen>& servers, bool runs) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const auto& seen : servers) {
      Json entry{{"running", seen.running()},
                 {"answers", seen.answer.has_value()},
                 {"url", seen.url},
                 {"port", seen.port},
                 {"detached", seen.found.has_value()}};
      if (seen.answer) entry["version"] = seen.answer->version;
      if (seen.models) entry["models"] = *seen.models;
      if (seen.found) {
        const auto& record = seen.found->record;
        const auto holder = seen.found->holder;
        entry["pid"] = holder ? Json(*holder) : Json();
        if (seen.running()) entry["uptime_seconds"] = std::max<std::int64_t>(0, std::time(nullptr) - record.started);
        if (const auto memory = holder ? memory_of(*holder) : std::nullopt) entry["memory_bytes"] = *memory;
        entry["models_folder"] = record.models;
        entry["log"] = record.log;
      }
      list.push_back(std::move(entry));
    }
    std::cout << Json{{"running", runs}, {"servers", std::move(list)}}.dump(2, ' ', false,
                                                                            Json::error_handler_t::replace)
              << '\n';
  }

  const Terminal terminal_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_server_status(CLI::App& server) {
  return std::make_unique<ServerStatus>(server);
}

}  // namespace osprey::cli
