// A package with an 8-bit network beside the original: made, judged on pictures held back, measured, put in place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/result.hpp"
#include "engine/session.hpp"
#include "quantization/quantization_tool.hpp"

namespace osprey::quantization {

struct QuantizationJob {
  std::filesystem::path original;  ///< a package's folder
  std::filesystem::path target;    ///< the folder of the new one; its parents are made
  bool replace = false;            ///< of what is there
  std::filesystem::path pictures;  ///< a folder of what the model will see
  std::size_t most_pictures = 400;
  double min_agreement = 0.95;   ///< as Agreement::share() tells it; below it nothing is written
  bool accept_unjudged = false;  ///< where the original finds nothing in the pictures that are held back
  std::string preset = "mixed";
};

/// The new network's throughput in units of the original's, from rounds that took turns.
struct Gain {
  double median = 1;
  double least = 1;
  double most = 1;
  double original_rate = 0;  ///< pictures a second, medians
  double quantized_rate = 0;
};

struct QuantizationResult {
  std::optional<double> agreement;  ///< none: could not be judged
  std::string agreement_text;
  std::size_t calibrated_on = 0;  ///< pictures
  std::size_t judged_on = 0;
  std::vector<std::string> skipped;  ///< pictures that cannot be read, and why
  Gain gain;
  std::uint64_t original_bytes = 0;  ///< of the networks' files
  std::uint64_t quantized_bytes = 0;
  bool replaced = false;
};

/// Every fourth picture is held back, the network is calibrated on the others, prepared as the server prepares them.
/// The new package has all small files of the original. It appears whole, in one step; of one that fails nothing is
/// left. Blocks for minutes. `tell` hears what is being done.
///
/// Errors, each a line that says what would be right: those of list_pictures, open_package and the tool;
/// invalid_argument (the target is there; the network is in 8 bits already; too few pictures can be read); unsupported
/// (the agreement is too low, or cannot be judged); cancelled; internal.
[[nodiscard]] Result<QuantizationResult> quantize(const QuantizationJob& job, const QuantizationTool& tool,
                                                  engine::Engine& engine, const CancelToken& cancel,
                                                  const QuantizationTool::Tell& tell);

}  // namespace osprey::quantization
