// The tool that quantises a network: a Python program of this project's and the interpreter that it runs in.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/cancel_token.hpp"
#include "base/result.hpp"

namespace osprey::quantization {

/// NNCF's presets: what is symmetric about the 8-bit values. `mixed`: weights only; `performance`: all.
inline constexpr std::string_view kPresets[] = {"mixed", "performance"};

struct ToolJob {
  std::filesystem::path weights;  ///< the network, ONNX
  std::filesystem::path inputs;   ///< a folder of tensors as write_tensor() writes them, each [3,height,width]
  std::filesystem::path output;   ///< the 8-bit network, ONNX
  std::string preset = "mixed";
  bool transformer = false;  ///< the network's work is attention
};

/// A Python interpreter that has what the tool needs. A value.
class QuantizationTool {
 public:
  using Tell = std::function<void(const std::string& what)>;

  /// One that is there; it is not tried.
  [[nodiscard]] static QuantizationTool with(std::filesystem::path python) {
    return QuantizationTool(std::move(python));
  }

  /// One in a virtual environment of its own under `cache`, which the first call makes, over the network, with pinned
  /// versions: `tell` says so, as it takes minutes. Processes that make it at the same time wait for each other; one
  /// that was not finished is made anew. Errors: unavailable, saying what helps; cancelled.
  [[nodiscard]] static Result<QuantizationTool> install(const std::filesystem::path& cache, const CancelToken& cancel,
                                                        const Tell& tell);

  /// Quantises. `work` is a folder for its own files. Blocks for minutes. Errors: those of run_program; internal when
  /// it wrote nothing.
  [[nodiscard]] Status run(const ToolJob& job, const std::filesystem::path& work, const CancelToken& cancel) const;

 private:
  explicit QuantizationTool(std::filesystem::path python) : python_(std::move(python)) {}

  std::filesystem::path python_;
};

}  // namespace osprey::quantization
