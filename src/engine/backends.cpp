#include "engine/backends.hpp"

#include <string>
#include <utility>

#include "engine/fallback_engine.hpp"
#include "engine/onnxruntime/onnxruntime_engine.hpp"
#include "engine/openvino/openvino_engine.hpp"

namespace osprey::engine {

Result<std::unique_ptr<Engine>> create_engine(std::string_view backend, const Log& log, int threads) {
  if (backend == kOnnxRuntime) return create_onnxruntime_engine({.threads = threads, .open_at_once = true}, log);
  if (backend != "auto" && backend != kOpenVino) {
    return Error{Code::invalid_argument,
                 "unknown backend '" + std::string(backend) + "'; choose auto, openvino or onnxruntime"};
  }
  auto openvino = create_openvino_engine({.threads = threads}, log);
  if (!openvino || backend == kOpenVino) return openvino;
  auto onnxruntime = create_onnxruntime_engine({.threads = threads}, log);
  if (!onnxruntime) return onnxruntime;
  return create_fallback_engine(std::move(openvino).value(), std::move(onnxruntime).value(), log);
}

}  // namespace osprey::engine
