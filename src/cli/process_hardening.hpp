// What the server's process gives up before it hears the network.
#pragma once

#include "base/log.hpp"

namespace osprey::cli {

/// Takes from this process, and those it starts: the way to gain privileges (setuid programs, file capabilities), and,
/// unless `core_dumps`, core dumps, which would hold keys and clients' pictures. What the system does not
/// allow is logged and changes nothing. Call once, before threads are started.
void harden_process(bool core_dumps, const Log& log);

}  // namespace osprey::cli
