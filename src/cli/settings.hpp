// Settings of the server: flag > environment variable > osprey.yaml > default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osprey::cli {

/// What `inference server start` runs with. What each is for, its names and its bounds: setting_rules.cpp.
struct ServerSettings {
  std::string host = "0.0.0.0";
  std::uint16_t port = 9001;    ///< 0: any free one
  std::uint16_t grpc_port = 0;  ///< 0: no gRPC
  std::filesystem::path models = "models";
  std::filesystem::path cache = default_cache();
  std::string backend = "auto";
  std::size_t threads = 0;  ///< 0: usable_cores()
  std::string log_level = "info";
  std::string server_id;  ///< empty: made up at start
  std::filesystem::path state_dir = default_state_dir();
  std::vector<std::string> allow_origins{"*"};
  std::size_t max_body_mib = 64;
  std::size_t max_bodies_mib = 1024;
  std::size_t max_header_kib = 64;
  std::size_t max_header_fields = 100;
  std::size_t max_connections = 1024;
  std::size_t max_connections_per_address = 512;
  std::size_t header_seconds = 10;
  std::size_t body_seconds = 60;
  std::size_t write_seconds = 60;
  std::size_t idle_seconds = 75;
  std::size_t drain_seconds = 30;
  std::size_t drain_delay_seconds = 0;
  std::size_t max_waiting = 512;
  std::size_t request_seconds = 120;
  std::size_t hang_seconds = 30;
  std::size_t max_images = 256;
  std::size_t max_json_depth = 32;
  std::size_t max_image_mib = 64;
  std::size_t max_image_megapixels = 100;
  std::size_t max_pickle_mib = 64;
  std::size_t max_url_mib = 64;
  std::size_t max_urls_mib = 512;
  std::size_t url_seconds = 20;

  bool enable_https = false;
  std::filesystem::path ssl_certfile = "/etc/inference/certs/server.crt";
  std::filesystem::path ssl_keyfile = "/etc/inference/certs/server.key";
  std::string ssl_keyfile_password;

  std::size_t max_active_models = 8;
  std::size_t unload_idle_seconds = 0;  ///< 0: never for that
  std::vector<std::string> preload_models;
  std::vector<std::string> pinned_models;
  std::string preload_api_key;

  std::vector<std::string> server_keys;
  bool allow_api_key_from_headers = true;
  bool enable_in_memory_logs = false;
  bool core_dumps = false;
  bool get_model_registry_enabled = true;
  bool allow_model_management = false;
  bool legacy_route_enabled = true;

  std::string decode_scale = "off";
  bool allow_numpy_input = true;
  bool allow_url_input = true;
  bool allow_non_https_url_input = true;
  bool allow_url_input_without_fqdn = true;
  bool allow_url_to_non_global_addresses = false;
  std::vector<std::string> allowed_url_hosts;
  std::vector<std::string> denied_url_hosts;
  std::size_t max_image_url_redirects = 5;

  std::string registry_url;  ///< empty: there is no registry
  std::string registry_weights_url;
  std::string registry_gateway;
  std::string registry_headers;  ///< a JSON object
  std::string api_key;
  bool verify_registry_tls = true;
  bool offline = false;
  std::size_t registry_lookup_seconds = 120;
  std::size_t registry_call_seconds = 5;
  std::size_t registry_stall_seconds = 30;
  std::size_t registry_tries = 3;
  std::vector<std::string> registry_retried_statuses{"408", "429", "502", "503", "504"};
  std::int64_t max_cache_mib = -1;  ///< below 0: no limit
  bool allow_untrusted_packages = false;
  bool models_cache_auth_enabled = false;
  std::size_t models_cache_auth_seconds = 900;

  /// $XDG_CACHE_HOME/osprey, else ~/.cache/osprey; empty where neither is known: then nothing is cached.
  [[nodiscard]] static std::filesystem::path default_cache();
  /// $XDG_STATE_HOME/osprey, else ~/.local/state/osprey; empty where neither is known.
  [[nodiscard]] static std::filesystem::path default_state_dir();
};

/// Sets what the YAML file says. Errors: not_found; invalid_argument naming the key and what is allowed.
[[nodiscard]] Status read_settings_file(const std::filesystem::path& file, ServerSettings& settings);

/// Sets what the environment says. Errors: invalid_argument naming the variable and what is allowed.
[[nodiscard]] Status read_settings_environment(ServerSettings& settings);

}  // namespace osprey::cli
