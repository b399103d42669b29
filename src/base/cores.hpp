// How many cores this process may keep busy.
#pragma once

#include <cstddef>
#include <filesystem>

namespace osprey {

/// Cores that this process may run on; no more than its control group's quota (a container's CPU limit) rounded up. At
/// least 1. Threads beyond the quota would only be made to wait in turns.
[[nodiscard]] std::size_t usable_cores();

/// The quota that `groups` (as /sys/fs/cgroup is mounted in a container) tells, rounded up to whole cores; 0: none.
/// Reads both versions of control groups.
[[nodiscard]] std::size_t cpu_quota(const std::filesystem::path& groups);

}  // namespace osprey
