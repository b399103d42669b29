#include "service/process_memory.hpp"

#include <malloc.h>

#include <algorithm>

namespace osprey::service {

void set_up_allocator(std::size_t threads) {
#ifdef __GLIBC__
  constexpr int kLarge = 8 << 20;
  constexpr int kKept = 32 << 20;
  mallopt(M_ARENA_MAX, static_cast<int>(std::clamp<std::size_t>(threads, 2, 64)));
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, kKept);
#else
  (void)threads;
#endif
}

}  // namespace osprey::service
