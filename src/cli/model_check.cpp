#include "cli/model_check.hpp"

#include <cerrno>
#include <csignal>
#include <iostream>
#include <string>
#include <utility>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command_line.hpp"
#include "engine/backends.hpp"
#include "registry/package_check.hpp"

extern char** environ;

namespace osprey::cli {

int check_models(const std::filesystem::path& models, const std::string& backend, bool quiet) {
  auto folder = registry::ModelFolder::open(models);
  if (!folder) {
    std::cerr << "inference: " << folder.error().message << '\n';
    return kFailure;
  }
  auto engine = engine::create_engine(backend, make_null_log());
  if (!engine) {
    std::cerr << "inference: " << engine.error().message << '\n';
    return kFailure;
  }
  const auto checked = registry::check_packages(*folder, **engine);
  for (const auto& [model_id, error] : checked.broken) {
    std::cerr << "inference: package " << model_id << " cannot be served: " << error.message << '\n';
  }
  if (!quiet)
    std::cout << checked.sound << " packages can be served, " << checked.broken.size() << " cannot\n" << std::flush;
  if (checked.broken.empty()) return kSuccess;
  return checked.sound > 0 ? kSomeBroken : kNoneSound;
}

namespace {

/// Starts this program again as `inference model check`; 0 when that fails.
pid_t spawn_check(const std::string& models, const std::string& backend) {
  char* const arguments[] = {
      const_cast<char*>("inference"),     const_cast<char*>("model"),        const_cast<char*>("check"),
      const_cast<char*>("--models"),      const_cast<char*>(models.c_str()), const_cast<char*>("--backend"),
      const_cast<char*>(backend.c_str()), const_cast<char*>("--quiet"),      nullptr};
  // The stop signals, which this process has blocked, have to end that one.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t process = 0;
  const int failed = posix_spawn(&process, "/proc/self/exe", nullptr, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? process : 0;
}

}  // namespace

ModelCheck::ModelCheck(const std::filesystem::path& models, const std::string& backend,
                       std::function<void(int)> on_exit)
    : process_(spawn_check(models.string(), backend)) {
  if (process_ == 0) return;
  waiter_ = std::jthread([this, process = static_cast<id_t>(process_), on_exit = std::move(on_exit)] {
    siginfo_t ended{};
    // Seen first and reaped under the lock: until then its number is nobody else's.
    while (waitid(P_PID, process, &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    {
      const std::lock_guard lock(mutex_);
      (void)waitpid(process_, nullptr, 0);
      process_ = 0;
    }
    if (ended.si_code == CLD_EXITED) on_exit(ended.si_status);
  });
}

ModelCheck::~ModelCheck() {
  const std::lock_guard lock(mutex_);
  if (process_ != 0) kill(process_, SIGKILL);
}

}  // namespace osprey::cli
