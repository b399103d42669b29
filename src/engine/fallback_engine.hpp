// Two backends as one: networks that the first refuses run in the second.
#pragma once

#include <memory>

#include "base/log.hpp"
#include "engine/session.hpp"

namespace osprey::engine {

/// An engine that reads and compiles with `first` and, where that fails with unsupported or data_corrupted (or a
/// session of it does not run: Graph::compile_elsewhere), with `second`. What was refused and why is logged as a
/// warning. Errors are those of `first` when both refuse. info() is that of `first`.
[[nodiscard]] std::unique_ptr<Engine> create_fallback_engine(std::unique_ptr<Engine> first,
                                                             std::unique_ptr<Engine> second, Log log);

}  // namespace osprey::engine
