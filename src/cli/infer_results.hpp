// Where `inference infer --output_location` puts its results, and which of them an earlier run has put there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <osprey/client/prediction.hpp>

#include "base/result.hpp"
#include "cli/infer_inputs.hpp"

namespace osprey::cli {

/// A folder with a `<image>.json` for each image, and a `<image>.annotated.jpg` where pictures are asked for. Files
/// come into it whole or not at all. A result counts for a later run when that asks for the same (model and options)
/// and the image has not changed since. Thread-safe for different inputs.
class ResultsFolder {
 public:
  /// Makes the folder. `description` tells what is asked for: where an earlier run was told something else, its results
  /// do not count any more. Errors: unavailable, with what the system says.
  [[nodiscard]] static Result<ResultsFolder> open(std::filesystem::path folder, std::string_view description,
                                                  bool with_pictures);

  /// Whether the result of this input is there.
  [[nodiscard]] bool has(const InferInput& input) const;
  /// The JSON that is there. Errors: unavailable.
  [[nodiscard]] Result<std::string> read(const InferInput& input) const;
  /// Errors: unavailable, with what the system says (the disk is full).
  [[nodiscard]] Status write(const InferInput& input, const client::Prediction& prediction) const;

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

 private:
  ResultsFolder(std::filesystem::path folder, std::filesystem::file_time_type began, bool with_pictures)
      : folder_(std::move(folder)), began_(began), with_pictures_(with_pictures) {}

  std::filesystem::path folder_;
  std::filesystem::file_time_type began_;  // when what is asked for was asked for first
  bool with_pictures_;
};

}  // namespace osprey::cli
