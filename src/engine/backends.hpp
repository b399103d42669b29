// Which backend runs the networks.
#pragma once

#include <memory>
#include <string_view>

#include "base/log.hpp"
#include "base/result.hpp"
#include "engine/session.hpp"

namespace osprey::engine {

/// Makes the engine that a setting names: "openvino"; "onnxruntime"; or "auto": OpenVINO, and ONNX Runtime for the
/// networks that it refuses. Errors: invalid_argument naming these; unavailable when a backend that is needed at
/// once cannot be loaded. `threads`: that the engine may use; 0: the machine's cores.
[[nodiscard]] Result<std::unique_ptr<Engine>> create_engine(std::string_view backend, const Log& log, int threads = 0);

}  // namespace osprey::engine
