// The subcommands of `inference benchmark`, and what they have in common.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/benchmark/load.hpp"
#include "cli/benchmark/pictures.hpp"
#include "cli/benchmark/report.hpp"
#include "cli/command.hpp"

namespace CLI {
class App;
}

namespace osprey::cli {

/// What both benchmarks can be told.
struct BenchmarkOptions {
  std::string model_id;
  std::string dataset_reference = "samples";
  std::size_t warm_up = 10;
  std::size_t requests = 1000;
  std::size_t batch_size = 1;
  std::size_t clients = 1;
  std::optional<double> rate;
  std::string model_config;
  std::string output;   ///< file or folder for JSON; empty: none
  std::string picture;  ///< file for an SVG; empty: none
  std::optional<double> max_error_rate;
};

/// Adds their flags. `warm_up_name`: how the reference calls it in this benchmark.
void add_benchmark_options(CLI::App& command, BenchmarkOptions& options, const std::string& warm_up_name);

/// The picture numbers of request `index`: so many, each in its turn.
[[nodiscard]] std::size_t first_picture(std::size_t index, std::size_t pictures, std::size_t batch_size);

/// Warms up and measures, with a line of progress every few seconds. It ends early when a stop is requested. Returns
/// what was measured.
[[nodiscard]] Statistics measure(const BenchmarkOptions& options, const OneRequest& request,
                                 const std::stop_token& stop);

/// Prints the report and writes the files; returns the exit code: failure when no request went well, more failed than
/// --max-error-rate allows, or a file cannot be written.
[[nodiscard]] int tell_results(const BenchmarkOptions& options, BenchmarkSubject subject, const Statistics& statistics,
                               const BenchmarkPictures& pictures);

[[nodiscard]] std::unique_ptr<Command> make_api_speed(CLI::App& benchmark);
[[nodiscard]] std::unique_ptr<Command> make_engine_speed(CLI::App& benchmark);

/// Both.
[[nodiscard]] Commands make_benchmark_commands(CLI::App& benchmark);

}  // namespace osprey::cli
