// A hold on a running server's process, for ending it and waiting for its end.
#pragma once

#include <chrono>

#include <sys/types.h>

#include "base/result.hpp"
#include "cli/server_record.hpp"

namespace osprey::cli {

/// Refers to one process, not to its number: once it has ended, another of the same number is never meant.
class ServerProcess {
 public:
  /// Errors: not_found (it has ended), permission_denied (not to be seen from here, or the system has no such hold).
  [[nodiscard]] static Result<ServerProcess> open(const FoundServer& server);
  ~ServerProcess();
  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&&) = delete;

  /// Sends SIGTERM. Errors: not_found (it has ended), permission_denied.
  [[nodiscard]] Status terminate() const;
  /// Waits for its end; whether it has ended.
  [[nodiscard]] bool wait(std::chrono::milliseconds time) const;

 private:
  explicit ServerProcess(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace osprey::cli
