// The engine's contract: read a network file, compile it, run it. Backends are in openvino/, onnxruntime/ and fake/.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "base/tensor.hpp"

namespace osprey::engine {

/// Names of the backends, as EngineInfo and Session give them.
inline constexpr std::string_view kOpenVino = "openvino";
inline constexpr std::string_view kOnnxRuntime = "onnxruntime";

/// What runs the networks, for the log and for /info.
struct EngineInfo {
  std::string name;  ///< "openvino", "onnxruntime", "fake"
  std::string version;
  std::string device;  ///< the processor's full name
  int threads = 0;     ///< that one request may use
};

/// One stream of a compiled network: runs one batch at a time. Not thread-safe; make one a thread.
class Execution {
 public:
  virtual ~Execution() = default;

  /// Runs the network on float32 inputs, batch first, in the order of GraphInfo::inputs. The inputs are read where
  /// they lie and must live until this returns. Errors: internal (what the backend said).
  [[nodiscard]] virtual Status run(std::span<const TensorView> inputs) = 0;

  /// The outputs of the last successful run, in the order of GraphInfo::outputs; valid until the next run.
  [[nodiscard]] virtual std::span<const TensorView> outputs() const = 0;
};

/// A compiled network. Thread-safe.
class Session {
 public:
  virtual ~Session() = default;

  /// Inputs and outputs as compiled.
  [[nodiscard]] virtual const GraphInfo& graph() const = 0;
  /// Executions that are worth running at the same time: CompileOptions::streams, or what the backend makes of it.
  [[nodiscard]] virtual int streams() const = 0;
  /// Name of the backend that runs it: "openvino", "onnxruntime", "fake".
  [[nodiscard]] virtual std::string_view backend() const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Execution>> create_execution() = 0;
  /// Lets go of the memory in which its executions hold what is between input and output; outputs() is gone too. The
  /// next run takes it anew. Only while none of its executions runs. A backend that cannot does nothing.
  virtual void release_memory() {}
};

struct CompileOptions {
  /// Height and width to fix when the network leaves them open.
  std::optional<std::pair<int, int>> input_height_width = {};
  /// Folder for compiled blobs; empty: none are kept. A stale or damaged blob is rebuilt.
  std::filesystem::path cache_folder = {};
  /// Keep the blob even where compiling again would take no longer than reading it. For tests.
  bool always_keep_blob = false;
  /// Images a run to fix when the network leaves them open: a network of fixed shape runs faster. Empty: left open.
  std::optional<int> batch = {};
  /// Executions that share the cores: 1 puts them all to one run, which is the shortest way for a single image; as
  /// many as there are cores gives one to each run, which gets most images done. The outputs are the same.
  int streams = 1;
};

/// A network that was read. It may be compiled several times, for another number of streams each. Not thread-safe.
class Graph {
 public:
  virtual ~Graph() = default;
  [[nodiscard]] virtual const GraphInfo& info() const = 0;
  /// Errors: unsupported, with what the backend said of the network.
  [[nodiscard]] virtual Result<std::shared_ptr<Session>> compile(const CompileOptions& options) = 0;
  /// Compiles it with another backend, for when a session of compile() fails to run. `refusal`: how it failed. Errors:
  /// `refusal` itself when there is no other backend, or that one refuses the network too.
  [[nodiscard]] virtual Result<std::shared_ptr<Session>> compile_elsewhere(const CompileOptions& /*options*/,
                                                                           const Error& refusal) {
    return refusal;
  }
};

/// A backend. Thread-safe; one a process.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual EngineInfo info() const = 0;
  /// Reads an ONNX file. Errors: not_found, data_corrupted (not an ONNX file, or broken), unsupported.
  [[nodiscard]] virtual Result<std::unique_ptr<Graph>> read(const std::filesystem::path& onnx_file) = 0;
};

}  // namespace osprey::engine
