// The reference's settings of inference (InferenceConfiguration) as a YAML file: `--model_config`.
#pragma once

#include <filesystem>

#include <osprey/client/options.hpp>

#include "base/result.hpp"

namespace osprey::cli {

/// Sets in `options` what the file says. Names that the reference knows, but that say nothing to this server, are let
/// pass. Errors: not_found; invalid_argument naming the field and what is wrong with it.
[[nodiscard]] Status read_model_config(const std::filesystem::path& file, client::InferOptions& options);

}  // namespace osprey::cli
