// The ONNX Runtime backend: slower than OpenVINO on CPUs, but it runs every standard operator.
#pragma once

#include <memory>

#include "base/log.hpp"
#include "engine/session.hpp"

namespace osprey::engine {

struct OnnxRuntimeOptions {
  int threads = 0;            ///< that one network uses; 0: all cores
  bool open_at_once = false;  ///< else the library is opened when the first network is read or info() is asked for
};

/// An engine on ONNX Runtime. A server that never needs it pays nothing for it, unless open_at_once is set. Errors:
/// unavailable when the library cannot be opened; without open_at_once it is read() that says so.
[[nodiscard]] Result<std::unique_ptr<Engine>> create_onnxruntime_engine(const OnnxRuntimeOptions& options,
                                                                        const Log& log);

}  // namespace osprey::engine
