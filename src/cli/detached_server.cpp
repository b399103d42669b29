#include "cli/detached_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/server_contact.hpp"
#include "cli/server_record.hpp"
#include "cli/server_start.hpp"

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr auto kStartTime = std::chrono::seconds(60);  // to listen and to answer
constexpr auto kCheckTime = std::chrono::seconds(15);  // to look at the packages, after that
constexpr auto kPause = std::chrono::milliseconds(20);
constexpr off_t kLargeLog = off_t{16} << 20;

Error system_error(const std::string& what) {
  return Error{Code::internal, what + ": " + std::system_category().message(errno)};
}

struct LogFile {
  int descriptor = -1;
  off_t begin = 0;  ///< where this server's lines begin
  fs::path path;
};

/// Lines are appended; a large file gets out of the way first.
Result<LogFile> open_log(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && status.st_size > kLargeLog) {
    ::rename(path.c_str(), fs::path(path.string() + ".1").c_str());
  }
  LogFile log;
  log.path = path;
  log.descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (log.descriptor < 0) return system_error("cannot write the log " + path.string());
  log.begin = std::max(off_t{0}, ::lseek(log.descriptor, 0, SEEK_END));
  return log;
}

std::string text_since(const LogFile& log) {
  std::ifstream file(log.path, std::ios::binary);
  file.seekg(log.begin);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The server's side: tells the waiting process how its start goes.
class Notes {
 public:
  explicit Notes(int pipe) : pipe_(pipe) {}

  /// "9001\n"
  void listening(std::uint16_t port) const { write(std::to_string(port) + '\n'); }
  void checked() const { write("checked\n"); }

 private:
  void write(const std::string& text) const {
    // Who waited may have left: that is no reason not to serve.
    [[maybe_unused]] const auto written = ::write(pipe_, text.data(), text.size());
  }
  const int pipe_;
};

int serve_detached(const ServerSettings& settings, LogFile log, int pipe) {
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(log.descriptor, STDOUT_FILENO);
  ::dup2(log.descriptor, STDERR_FILENO);
  // What else was open belongs to who called: a pipe that stays open here would have them wait for this process's end.
  const int kept = STDERR_FILENO + 1;
  if (pipe != kept) ::dup2(pipe, kept);
  ::fcntl(kept, F_SETFD, FD_CLOEXEC);
  ::close_range(static_cast<unsigned>(kept) + 1, ~0U, 0);
  std::signal(SIGHUP, SIG_IGN);

  const Notes notes(kept);
  std::optional<HeldRecord> held;
  StartEvents events;
  events.listening = [&](std::uint16_t port) -> Status {
    if (settings.port == 0) {
      const auto named = log_file(settings.state_dir, port);
      if (::rename(log.path.c_str(), named.c_str()) == 0) log.path = named;
    }
    auto record = HeldRecord::create(settings.state_dir, {.pid = ::getpid(),
                                                          .host = settings.host,
                                                          .port = port,
                                                          .https = settings.enable_https,
                                                          .started = std::time(nullptr),
                                                          .version = OSPREY_VERSION,
                                                          .models = fs::absolute(settings.models).string(),
                                                          .log = fs::absolute(log.path).string(),
                                                          .drain_seconds = settings.drain_seconds});
    if (!record) return std::move(record).error();
    held.emplace(std::move(record).value());
    notes.listening(port);
    return {};
  };
  events.checked = [&] { notes.checked(); };
  events.finished = [&] { held->remove(); };
  return start_server(settings, events);
}

/// The waiting side.
class Start {
 public:
  Start(const ServerSettings& settings, LogFile log, int pipe, pid_t server)
      : settings_(settings), log_(std::move(log)), pipe_(pipe), server_(server) {}

  int wait() {
    const auto until = steady_clock::now() + kStartTime;
    while (!port_ && !ended_ && steady_clock::now() < until) read_notes(until);
    if (!port_) return ended_ ? tell_end() : tell_slow();
    const auto url = local_url(settings_.host, *port_, settings_.enable_https);
    while (!ask_server(url)) {
      if (has_ended()) return tell_end();
      if (steady_clock::now() >= until) return tell_slow();
      std::this_thread::sleep_for(kPause);
    }
    // A folder of which nothing can be served ends the server a moment later.
    const auto checked_until = steady_clock::now() + kCheckTime;
    while (!checked_ && !ended_ && steady_clock::now() < checked_until) read_notes(checked_until);
    if (ended_) return tell_end();
    std::cout << "Osprey runs in the background on " << url << " (pid " << server_ << ")\n"
              << "Log: " << log_path().string() << "\nStatus: inference server status; stop: inference server stop"
              << (settings_.port == 9001 ? "" : " --port " + std::to_string(*port_)) << '\n'
              << std::flush;
    return kSuccess;
  }

 private:
  void read_notes(steady_clock::time_point until) {
    pollfd ready{pipe_, POLLIN, 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now()).count();
    if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) <= 0) return;
    std::array<char, 64> text{};
    const auto count = ::read(pipe_, text.data(), text.size());
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) {
      ended_ = true;
      return;
    }
    notes_.append(text.data(), static_cast<std::size_t>(count));
    for (auto end = notes_.find('\n'); end != std::string::npos; end = notes_.find('\n')) {
      const auto note = notes_.substr(0, end);
      notes_.erase(0, end + 1);
      if (note == "checked") {
        checked_ = true;
      } else {
        port_ = static_cast<std::uint16_t>(std::stoul(note));
      }
    }
  }

  [[nodiscard]] bool has_ended() const {
    siginfo_t state{};
    return ::waitid(P_PID, static_cast<id_t>(server_), &state, WEXITED | WNOHANG | WNOWAIT) == 0 && state.si_pid != 0;
  }

  /// Where it is by now: that of a server on any port is renamed once the port is known.
  [[nodiscard]] fs::path log_path() const {
    return settings_.port == 0 && port_ ? log_file(settings_.state_dir, *port_) : log_.path;
  }

  int tell_end() {
    int status = 0;
    while (::waitpid(server_, &status, 0) < 0 && errno == EINTR) {
    }
    log_.path = log_path();
    auto reason = reason_in_log(text_since(log_));
    if (reason.empty() && WIFSIGNALED(status)) reason = "it was ended by signal " + std::to_string(WTERMSIG(status));
    if (port_) remove_stale(record_file(settings_.state_dir, *port_));  // it was told of: here and now
    return refuse({Code::unavailable, "the server did not start: " + reason + " (log: " + log_.path.string() + ")"},
                  kFailure);
  }

  int tell_slow() const {
    return refuse({Code::deadline_exceeded, "the server (pid " + std::to_string(server_) +
                                                ") does not answer after a minute; it goes on, its log is " +
                                                log_path().string()},
                  kFailure);
  }

  const ServerSettings& settings_;
  LogFile log_;
  const int pipe_;
  const pid_t server_;
  std::string notes_;
  std::optional<std::uint16_t> port_;
  bool checked_ = false;
  bool ended_ = false;
};

/// Refuses where a server runs on the port already.
Status check_free(const ServerSettings& settings) {
  if (settings.port == 0) return {};
  const auto there = look_at(record_file(settings.state_dir, settings.port));
  if (!there || !there->running) return {};
  const auto port = std::to_string(settings.port);
  return Error{Code::unavailable, "a server runs already on port " + port +
                                      (there->holder ? " (pid " + std::to_string(*there->holder) + ")" : "") +
                                      "; end it with: inference server stop --port " + port +
                                      ", or choose another --port"};
}

}  // namespace

std::string reason_in_log(std::string_view log) {
  constexpr std::string_view kMark = "inference: ";
  std::string first;
  std::string last;
  std::size_t more = 0;
  while (!log.empty()) {
    const auto end = std::min(log.find('\n'), log.size());
    const auto line = log.substr(0, end);
    log.remove_prefix(std::min(end + 1, log.size()));
    if (line.empty()) continue;
    last = line;
    if (!line.starts_with(kMark)) continue;
    if (first.empty()) {
      first = line.substr(kMark.size());
    } else {
      ++more;
    }
  }
  if (first.empty()) return last;
  return more == 0 ? first : first + "; and " + std::to_string(more) + " more";
}

int start_detached(const ServerSettings& settings) {
  if (auto made = make_state_dir(settings.state_dir); !made) return refuse(made.error(), kFailure);
  if (auto is_free = check_free(settings); !is_free) return refuse(is_free.error(), kFailure);
  const auto any_port = "server-starting-" + std::to_string(::getpid()) + ".log";
  auto log = open_log(settings.port == 0 ? settings.state_dir / any_port : log_file(settings.state_dir, settings.port));
  if (!log) return refuse(log.error(), kFailure);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return refuse(system_error("pipe"), kFailure);
  std::cout << std::flush;
  const pid_t server = ::fork();
  if (server < 0) return refuse(system_error("cannot start a process"), kFailure);
  if (server == 0) {
    ::close(pipe[0]);
    return serve_detached(settings, std::move(log).value(), pipe[1]);
  }
  ::close(pipe[1]);
  ::close(log->descriptor);
  log->descriptor = -1;
  return Start(settings, std::move(log).value(), pipe[0], server).wait();
}

}  // namespace osprey::cli
