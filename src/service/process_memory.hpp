// How the process takes memory from the system and gives it back.
#pragma once

#include <cstddef>

namespace osprey::service {

/// Sets up glibc's allocator for a server of pictures; on other C libraries it does nothing. As many arenas as
/// `threads` compute (by default eight a core, each with free memory of its own), and buffers of more than 8 MiB, which
/// are large pictures', taken from the system and given back at once: a burst of them leaves nothing behind. Of smaller
/// ones an arena keeps up to 32 MiB for the next request, which would else fault them in page by page. A setting of the
/// whole process: for main, before its threads start.
void set_up_allocator(std::size_t threads);

}  // namespace osprey::service
