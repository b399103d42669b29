#include "cli/server_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace osprey::cli {
namespace {

// By their numbers: the C library's header does not declare them for C++ before 2.37.
int pidfd_open(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
}

int pidfd_send_signal(int descriptor, int signal) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, descriptor, signal, nullptr, 0U));
}

}  // namespace

Result<ServerProcess> ServerProcess::open(const FoundServer& server) {
  if (!server.holder) {
    return Error{Code::permission_denied, "the server on port " + std::to_string(server.record.port) +
                                              " runs in another container; stop it there"};
  }
  const pid_t pid = *server.holder;
  const int descriptor = pidfd_open(pid);
  if (descriptor < 0) {
    if (errno == ESRCH) return Error{Code::not_found, "it has ended"};
    return Error{Code::permission_denied, "the system gives no hold on process " + std::to_string(pid) + " (" +
                                              std::system_category().message(errno) + "); kill -TERM " +
                                              std::to_string(pid) + " stops it"};
  }
  ServerProcess process(descriptor);
  // It held the file before; who holds it still has been that process all the time.
  const auto again = look_at(server.file);
  if (!again || again->holder != pid) return Error{Code::not_found, "it has ended"};
  return process;
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

ServerProcess::~ServerProcess() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status ServerProcess::terminate() const {
  if (pidfd_send_signal(descriptor_, SIGTERM) == 0) return {};
  if (errno == ESRCH) return Error{Code::not_found, "it has ended"};
  return Error{Code::permission_denied, "it cannot be signalled: " + std::system_category().message(errno)};
}

bool ServerProcess::wait(std::chrono::milliseconds time) const {
  pollfd ended{descriptor_, POLLIN, 0};
  const auto until = std::chrono::steady_clock::now() + time;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    const int count = ::poll(&ended, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    if (count > 0) return true;
    if (count == 0 && left <= 60'000) return false;
    if (count < 0 && errno != EINTR) return false;
  }
}

}  // namespace osprey::cli
