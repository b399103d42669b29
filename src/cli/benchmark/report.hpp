// How a benchmark's results are told: as a table, as JSON, as a picture.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/benchmark/measurements.hpp"

namespace osprey::cli {

/// What was measured, and how.
struct BenchmarkSubject {
  std::string model_id;
  std::string dataset_reference;
  std::string pictures;  ///< in words
  std::string where;     ///< the server's URL, or the engine
  bool is_server = false;
  std::size_t requests = 0;  ///< as asked for
  std::size_t batch_size = 1;
  std::size_t clients = 1;
  std::optional<double> rate;
  std::string model_configuration;                     ///< the file's name; empty: none
  std::vector<std::pair<std::string, double>> stages;  ///< mean milliseconds of an image, where they are known
};

/// For a person, several lines.
[[nodiscard]] std::string report_text(const BenchmarkSubject& subject, const Statistics& statistics);

/// The names and places of the reference's command, and a few more.
[[nodiscard]] std::string report_json(const BenchmarkSubject& subject, const Statistics& statistics);

/// One line on what the last requests were like, while more come.
[[nodiscard]] std::string progress_text(std::size_t done, std::size_t total, const Statistics& last);

/// Writes the JSON to a file, or to a new one named by the time in a folder. Returns its path. Errors:
/// permission_denied.
[[nodiscard]] Result<std::string> write_report(const std::string& location, const std::string& json);

/// Errors: permission_denied.
[[nodiscard]] Status write_text(const std::string& file, const std::string& text);

}  // namespace osprey::cli
