#include "quantization/child_process.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace osprey::quantization {
namespace {

namespace fs = std::filesystem;

constexpr int kNotStarted = 127;  // the shell's code for it

/// In the child, between fork and exec: only what is safe there.
[[noreturn]] void become(char* const* arguments, int log, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kNotStarted);  // it has ended meanwhile
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execvp(arguments[0], arguments);
  const char* reason = strerror(errno);
  (void)!write(STDERR_FILENO, reason, strlen(reason));
  _exit(kNotStarted);
}

std::string last_line(const fs::path& log) {
  std::ifstream in(log);
  std::string line;
  std::string last;
  constexpr std::size_t kMostBytes = 300;
  while (std::getline(in, line)) {
    line = line.substr(line.rfind('\r', line.size()) + 1);  // a bar that is drawn over and over
    if (line.find_first_not_of(" \t") != std::string::npos) last = line;
  }
  if (last.size() > kMostBytes) last = last.substr(0, kMostBytes) + "...";
  return last;
}

}  // namespace

Status run_program(const std::vector<std::string>& command, const fs::path& log, const CancelToken& cancel) {
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (output < 0) return Error{Code::internal, "a log cannot be written: " + std::string(std::strerror(errno))};
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become(arguments.data(), output, parent);
  close(output);
  if (child < 0) return Error{Code::unavailable, command[0] + " cannot be started: " + std::strerror(errno)};

  bool cancelled = false;
  int state = 0;
  constexpr std::chrono::milliseconds kPause{50};
  while (true) {
    const pid_t ended = waitpid(child, &state, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) break;
    if (cancel.cancelled() && !cancelled) {
      cancelled = true;
      if (kill(-child, SIGKILL) != 0) kill(child, SIGKILL);
    }
    std::this_thread::sleep_for(kPause);
  }
  if (cancelled) return Error{Code::cancelled, "interrupted"};
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return {};
  const std::string said = last_line(log);
  const auto& program = command[0];
  if (WIFSIGNALED(state)) {
    return Error{Code::internal, program + " was ended by signal " + std::to_string(WTERMSIG(state)) +
                                     (WTERMSIG(state) == SIGKILL ? " (out of memory?)" : "")};
  }
  if (WEXITSTATUS(state) == kNotStarted) return Error{Code::unavailable, program + " cannot be started: " + said};
  return Error{Code::internal, program + " failed with exit code " + std::to_string(WEXITSTATUS(state)) +
                                   (said.empty() ? "" : ": " + said)};
}

}  // namespace osprey::quantization
