#include "cli/process_hardening.hpp"

#include <cerrno>
#include <system_error>

#include <sys/prctl.h>
#include <sys/resource.h>

namespace osprey::cli {
namespace {

void warn_of(const Log& log, const char* what) {
  log->warn("{}: {}", what, std::system_category().message(errno));
}

}  // namespace

void harden_process(bool core_dumps, const Log& log) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) warn_of(log, "the way to more privileges stays open");
  const rlimit none{0, 0};
  if (!core_dumps && setrlimit(RLIMIT_CORE, &none) != 0) warn_of(log, "core dumps stay allowed");
}

}  // namespace osprey::cli
