// The OpenVINO backend.
#pragma once

#include <memory>

#include "base/log.hpp"
#include "base/result.hpp"
#include "engine/session.hpp"

namespace osprey::engine {

struct OpenVinoOptions {
  int threads = 0;  ///< that all executions of one network share; 0: all cores
};

/// Starts OpenVINO's CPU device. Errors: unavailable when the runtime or its CPU plugin cannot be loaded.
[[nodiscard]] Result<std::unique_ptr<Engine>> create_openvino_engine(const OpenVinoOptions& options, const Log& log);

}  // namespace osprey::engine
