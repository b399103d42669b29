// How `inference infer` writes predictions to standard output.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include <osprey/client/prediction.hpp>
#include <osprey/client/result.hpp>

#include "cli/terminal.hpp"

namespace osprey::cli {

enum class OutputFormat { table, json, json_lines };

/// "table", "json", "jsonl".
[[nodiscard]] std::optional<OutputFormat> output_format(std::string_view name);

/// Not thread-safe.
class InferPrinter {
 public:
  virtual ~InferPrinter() = default;
  /// The outcome for one image, as soon as it is known and those before it are.
  virtual void print(const std::string& input, const client::Result<client::Prediction>& outcome) = 0;
  /// Whether what was printed could be written.
  [[nodiscard]] virtual bool good() const { return true; }
  /// Ends the output; what was printed until then is whole.
  virtual void finish() = 0;
};

/// `output` outlives the printer. `longest_input`: characters, for the table's first column.
[[nodiscard]] std::unique_ptr<InferPrinter> make_printer(OutputFormat format, std::ostream& output,
                                                         const Terminal& terminal, std::size_t longest_input);

}  // namespace osprey::cli
