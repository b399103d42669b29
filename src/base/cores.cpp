#include "base/cores.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace osprey {
namespace {

/// Both in microseconds; a quota below 1 is none.
std::size_t cores_of(long long quota, long long period) {
  if (quota < 1 || period < 1) return 0;
  return static_cast<std::size_t>((quota - 1) / period + 1);
}

}  // namespace

std::size_t cpu_quota(const std::filesystem::path& groups) {
  std::string quota;  // "max": none
  long long period = 0;
  if (std::ifstream(groups / "cpu.max") >> quota >> period) {
    return quota == "max" ? 0 : cores_of(std::atoll(quota.c_str()), period);
  }
  long long microseconds = 0;  // -1: none
  if (std::ifstream(groups / "cpu/cpu.cfs_quota_us") >> microseconds &&
      std::ifstream(groups / "cpu/cpu.cfs_period_us") >> period) {
    return cores_of(microseconds, period);
  }
  return 0;
}

std::size_t usable_cores() {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());  // heeds the process's affinity
  const std::size_t quota = cpu_quota("/sys/fs/cgroup");
  return quota == 0 ? cores : std::min(cores, quota);
}

}  // namespace osprey
