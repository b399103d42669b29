// Settings of the server: flag > environment variable > osprey.yaml > default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace osprey::cli {

/// What `inference server start` runs with. Environment variables have the reference's names where it has them.
struct ServerSettings {
  std::string host = "0.0.0.0";              ///< --host, HOST
  std::uint16_t port = 9001;                 ///< --port, PORT; 0: any free one
  std::filesystem::path models = "models";   ///< --models, OSPREY_MODELS
  std::filesystem::path cache;               ///< --cache, MODEL_CACHE_DIR; empty: nothing is cached
  std::string backend = "auto";              ///< --backend, OSPREY_BACKEND: auto, openvino or onnxruntime
  std::size_t max_active_models = 8;         ///< --max-active-models, MAX_ACTIVE_MODELS
  std::size_t max_body_mib = 64;             ///< --max-body-mib, OSPREY_MAX_BODY_MIB
  std::string log_level = "info";            ///< --log-level, LOG_LEVEL
  bool allow_url_input = true;               ///< ALLOW_URL_INPUT: images by URL
  bool allow_non_https_url_input = true;     ///< ALLOW_NON_HTTPS_URL_INPUT
  bool allow_url_input_without_fqdn = true;  ///< ALLOW_URL_INPUT_WITHOUT_FQDN
  /// ALLOW_URL_TO_NON_GLOBAL_ADDRESSES: URLs may lead to loopback, private and other special addresses
  bool allow_url_to_non_global_addresses = false;
  std::string server_id;  ///< INFERENCE_SERVER_ID; empty: made up at start
};

/// Sets what the YAML file says. Errors: not_found; invalid_argument naming the key and what is allowed.
[[nodiscard]] Status read_settings_file(const std::filesystem::path& file, ServerSettings& settings);

}  // namespace osprey::cli
