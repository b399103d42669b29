// A run of `inference infer`: all images, several at a time, their outcomes in order.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include <osprey/client/result.hpp>

#include "cli/image_progress.hpp"
#include "cli/infer_inputs.hpp"
#include "cli/infer_printer.hpp"
#include "cli/infer_results.hpp"
#include "cli/predictor.hpp"

namespace osprey::cli {

/// What a run works with; all of it outlives the run.
struct InferRun {
  std::span<const InferInput> inputs;
  Predictor& predictor;
  const ResultsFolder* folder = nullptr;  ///< null: results are not kept
  InferPrinter* printer = nullptr;        ///< null: nothing is printed
  ImageProgress* progress = nullptr;      ///< null: not shown
  std::size_t concurrent = 1;             ///< images at a time
  /// Told of each image that fails, one at a time; null: nobody is.
  std::function<void(const std::string& line)> on_failure = nullptr;
};

struct InferTally {
  std::size_t predicted = 0;
  std::size_t kept = 0;                     ///< done by an earlier run
  std::size_t failed = 0;                   ///< images, one by one
  std::optional<client::Error> fatal = {};  ///< ended the run: the next image would have failed by it, too
  bool interrupted = false;

  [[nodiscard]] std::size_t done() const { return predicted + kept; }
};

/// Predicts on all inputs. Results go to the folder as they come; the printer has them in the inputs' order, and at an
/// end before the last one those that are there.
[[nodiscard]] InferTally run_inference(const InferRun& run, const std::stop_token& stop);

}  // namespace osprey::cli
