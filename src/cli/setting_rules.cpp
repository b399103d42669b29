#include "cli/setting_rules.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <type_traits>

namespace osprey::cli {
namespace {

using S = ServerSettings;

constexpr std::string_view kServer = "Server";
constexpr std::string_view kModels = "Models";
constexpr std::string_view kInput = "What clients may send";
constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kAccess = "Access";
constexpr std::string_view kRegistry = "Model registry and cache";

// Where the reference has an environment variable for a setting, ours has its name and meaning.
const SettingRule kRules[] = {
    {kServer, "host", "HOST", "Address to listen on", &S::host},
    {kServer, "port", "PORT", "Port to listen on; 0: any free one", &S::port, 0, 65535},
    {kServer, "grpc_port", "OSPREY_GRPC_PORT", "Port of the Open Inference Protocol over gRPC; 0: none", &S::grpc_port,
     0, 65535},
    {kServer, "backend", "OSPREY_BACKEND",
     "auto (OpenVINO, and ONNX Runtime for networks that it refuses), openvino or onnxruntime", &S::backend},
    {kServer, "threads", "OSPREY_THREADS",
     "Compute threads; 0: as many as there are cores, no more than a container's CPU limit", &S::threads, 0, 4096},
    {kServer, "log_level", "LOG_LEVEL", "debug, info, warning, error or off", &S::log_level},
    {kServer, "enable_in_memory_logs", "ENABLE_IN_MEMORY_LOGS", "Keep the last 1000 lines for GET /logs",
     &S::enable_in_memory_logs},
    {kServer, "core_dumps", "OSPREY_CORE_DUMPS", "Allow core dumps, which hold keys and pictures", &S::core_dumps},
    {kServer, "server_id", "INFERENCE_SERVER_ID", "Told by /info; made up when not given", &S::server_id},
    {kServer, "state_dir", "OSPREY_STATE_DIR", "Folder for the pid file and the log of --detach", &S::state_dir},

    {kModels, "models", "OSPREY_MODELS", "Folder of model packages: <project>/<version>/", &S::models},
    {kModels, "max_active_models", "MAX_ACTIVE_MODELS",
     "Models in memory at a time; the least recently used one makes room", &S::max_active_models, 1, 100'000},
    {kModels, "unload_idle_seconds", "OSPREY_UNLOAD_IDLE_SECONDS",
     "Time without a request after which a model that is not pinned is unloaded; 0: never for that",
     &S::unload_idle_seconds, 0, 10'000'000},
    {kModels, "preload_models", "PRELOAD_MODELS", "Model ids, by comma, loaded at start; /readiness waits for them",
     &S::preload_models},
    {kModels, "pinned_models", "PINNED_MODELS", "Model ids, by comma, loaded at start and never unloaded to make room",
     &S::pinned_models},
    {kModels, "preload_api_key", "PRELOAD_API_KEY", "Key for the preloaded and pinned models; default: api_key",
     &S::preload_api_key, 0, 0, true},

    {kInput, "decode_scale", "OSPREY_DECODE_SCALE",
     "auto: decode JPEGs far larger than the network's input at 1/2, 1/4 or 1/8 (faster, slightly other pixels); or "
     "off",
     &S::decode_scale},
    {kInput, "allow_numpy_input", "ALLOW_NUMPY_INPUT", "Images as pickled NumPy arrays (read without running them)",
     &S::allow_numpy_input},
    {kInput, "allow_url_input", "ALLOW_URL_INPUT", "Images by URL", &S::allow_url_input},
    {kInput, "allow_non_https_url_input", "ALLOW_NON_HTTPS_URL_INPUT", "By http:// too", &S::allow_non_https_url_input},
    {kInput, "allow_url_input_without_fqdn", "ALLOW_URL_INPUT_WITHOUT_FQDN", "From hosts named without a domain",
     &S::allow_url_input_without_fqdn},
    {kInput, "allow_url_to_non_global_addresses", "ALLOW_URL_TO_NON_GLOBAL_ADDRESSES",
     "From loopback, private and other special addresses", &S::allow_url_to_non_global_addresses},
    {kInput, "allowed_url_hosts", "WHITELISTED_DESTINATIONS_FOR_URL_INPUT",
     "When given, only from these hosts, by comma", &S::allowed_url_hosts},
    {kInput, "denied_url_hosts", "BLACKLISTED_DESTINATIONS_FOR_URL_INPUT", "Not from these hosts, by comma",
     &S::denied_url_hosts},
    {kInput, "max_image_url_redirects", "MAX_IMAGE_URL_REDIRECTS", "Redirects that are followed for one image",
     &S::max_image_url_redirects, 0, 100},
    {kInput, "legacy_route_enabled", "LEGACY_ROUTE_ENABLED", "Serve /{project}/{version}", &S::legacy_route_enabled},

    {kLimits, "max_body_mib", "OSPREY_MAX_BODY_MIB", "Largest request body, MiB (413)", &S::max_body_mib, 1, 4096},
    {kLimits, "max_bodies_mib", "OSPREY_MAX_BODIES_MIB", "All bodies that are held at a time, MiB (503)",
     &S::max_bodies_mib, 1, 1 << 20},
    {kLimits, "max_header_kib", "OSPREY_MAX_HEADER_KIB", "Largest request header, KiB (431)", &S::max_header_kib, 1,
     1024},
    {kLimits, "max_header_fields", "OSPREY_MAX_HEADER_FIELDS", "Fields in a header (431)", &S::max_header_fields, 10,
     10'000},
    {kLimits, "max_connections", "OSPREY_MAX_CONNECTIONS", "Connections at a time (503)", &S::max_connections, 1,
     1'000'000},
    {kLimits, "max_connections_per_address", "OSPREY_MAX_CONNECTIONS_PER_ADDRESS",
     "Connections of one client address (503); raise it behind a proxy", &S::max_connections_per_address, 1, 1'000'000},
    {kLimits, "header_seconds", "OSPREY_HEADER_SECONDS", "Time to send a header (408)", &S::header_seconds, 1, 3600},
    {kLimits, "body_seconds", "OSPREY_BODY_SECONDS", "Time to send a body (408)", &S::body_seconds, 1, 3600},
    {kLimits, "write_seconds", "OSPREY_WRITE_SECONDS", "Time to take an answer", &S::write_seconds, 1, 3600},
    {kLimits, "idle_seconds", "OSPREY_IDLE_SECONDS", "Time for which a connection is kept without a request",
     &S::idle_seconds, 1, 3600},
    {kLimits, "drain_seconds", "OSPREY_DRAIN_SECONDS", "Time to answer what is in flight after a stop signal",
     &S::drain_seconds, 1, 3600},
    {kLimits, "drain_delay_seconds", "OSPREY_DRAIN_DELAY_SECONDS",
     "Time before that in which all is served yet, while /readiness is 503: for load balancers to notice",
     &S::drain_delay_seconds, 0, 3600},

    {kLimits, "max_waiting", "OSPREY_MAX_WAITING", "Requests that may wait for a thread (503)", &S::max_waiting, 1,
     1'000'000},
    {kLimits, "request_seconds", "OSPREY_REQUEST_SECONDS",
     "Age from which a request is given up: one that waits (503), one that was begun (504)", &S::request_seconds, 1,
     86'400},
    {kLimits, "hang_seconds", "OSPREY_HANG_SECONDS",
     "Time from which a network's run counts as hanging: its model is taken out, its thread replaced", &S::hang_seconds,
     1, 86'400},
    {kLimits, "max_images", "OSPREY_MAX_IMAGES", "Images in one request (413)", &S::max_images, 1, 1'000'000},
    {kLimits, "max_json_depth", "OSPREY_MAX_JSON_DEPTH", "Levels of nesting in a JSON body (422)", &S::max_json_depth,
     3, 256},
    {kLimits, "max_image_mib", "OSPREY_MAX_IMAGE_MIB", "Size of one encoded image, MiB (413)", &S::max_image_mib, 1,
     4096},
    {kLimits, "max_image_megapixels", "OSPREY_MAX_IMAGE_MEGAPIXELS",
     "Pixels of one image, in millions, told by its header before anything is decoded (413)", &S::max_image_megapixels,
     1, 4000},
    {kLimits, "max_pickle_mib", "OSPREY_MAX_PICKLE_MIB", "Size of one pickled array, MiB (413)", &S::max_pickle_mib, 1,
     4096},
    {kLimits, "max_url_mib", "OSPREY_MAX_URL_MIB", "Size of an image fetched by URL, MiB (413)", &S::max_url_mib, 1,
     4096},
    {kLimits, "max_urls_mib", "OSPREY_MAX_URLS_MIB",
     "Size of all images fetched by URL that are held at a time, MiB (503)", &S::max_urls_mib, 1, 1'048'576},
    {kLimits, "url_seconds", "OSPREY_URL_SECONDS", "Time to fetch an image, redirects included (400)", &S::url_seconds,
     1, 3600},

    {kAccess, "enable_https", "ENABLE_HTTPS", "Serve TLS (1.2 and 1.3) instead of plain HTTP", &S::enable_https},
    {kAccess, "ssl_certfile", "SSL_CERTFILE", "Its certificate chain, PEM", &S::ssl_certfile},
    {kAccess, "ssl_keyfile", "SSL_KEYFILE", "Its key, PEM", &S::ssl_keyfile},
    {kAccess, "ssl_keyfile_password", "SSL_KEYFILE_PASSWORD", "The key's password", &S::ssl_keyfile_password, 0, 0,
     true},
    {kAccess, "server_keys", "OSPREY_SERVER_KEYS",
     "Keys, by comma: when given, all but health, metrics, info and docs needs one of them", &S::server_keys, 0, 0,
     true},
    {kAccess, "allow_api_key_from_headers", "ALLOW_API_KEY_FROM_HEADERS", "Read keys from Authorization: Bearer, too",
     &S::allow_api_key_from_headers},
    {kAccess, "allow_origins", "ALLOW_ORIGINS", "Origins, by comma, whose pages may use the server (CORS)",
     &S::allow_origins},
    {kAccess, "get_model_registry_enabled", "GET_MODEL_REGISTRY_ENABLED", "Serve GET /model/registry",
     &S::get_model_registry_enabled},
    {kAccess, "allow_model_management", "OSPREY_ALLOW_MODEL_MANAGEMENT",
     "List, add and remove models of the models folder over HTTP (/models)", &S::allow_model_management},

    {kRegistry, "cache", "MODEL_CACHE_DIR", "Folder for downloaded packages and compiled networks; empty: none",
     &S::cache},
    {kRegistry, "max_cache_mib", "MAX_INFERENCE_MODELS_CACHE_SIZE_MB",
     "Size from which the least recently used package is removed, MiB; -1: none", &S::max_cache_mib, -1},
    {kRegistry, "offline", "OFFLINE_MODE", "Make no outbound call at all", &S::offline},
    {kRegistry, "registry_url", "API_BASE_URL", "Address of the model registry; without it only --models is served",
     &S::registry_url},
    {kRegistry, "registry_weights_url", "ROBOFLOW_API_HOST", "Where it serves weights; default: registry_url",
     &S::registry_weights_url},
    {kRegistry, "registry_gateway", "SECURE_GATEWAY,LICENSE_SERVER", "Gateway through which it is asked",
     &S::registry_gateway},
    {kRegistry, "api_key", "ROBOFLOW_API_KEY,API_KEY", "Key for models whose request carries none", &S::api_key, 0, 0,
     true},
    {kRegistry, "registry_headers", "ROBOFLOW_API_EXTRA_HEADERS", "Headers of calls to it, a JSON object",
     &S::registry_headers, 0, 0, true},
    {kRegistry, "verify_registry_tls", "ROBOFLOW_API_VERIFY_SSL", "Check its certificate", &S::verify_registry_tls},
    {kRegistry, "registry_lookup_seconds", "ROBOFLOW_API_REQUEST_TIMEOUT", "Time for a look-up",
     &S::registry_lookup_seconds, 1, 3600},
    {kRegistry, "registry_call_seconds", "API_CALLS_TIMEOUT", "Time for a call about weights",
     &S::registry_call_seconds, 1, 3600},
    {kRegistry, "registry_stall_seconds", "OSPREY_REGISTRY_STALL_SECONDS",
     "Time without a byte after which a download is begun anew", &S::registry_stall_seconds, 1, 3600},
    {kRegistry, "registry_tries", "API_CALLS_MAX_TRIES", "Tries for each call", &S::registry_tries, 1, 100},
    {kRegistry, "registry_retried_statuses", "IDEMPOTENT_API_REQUEST_CODES_TO_RETRY",
     "Statuses, by comma, after which it is asked again", &S::registry_retried_statuses},
    {kRegistry, "allow_untrusted_packages", "ALLOW_INFERENCE_MODELS_UNTRUSTED_PACKAGES",
     "Take packages that the registry does not vouch for", &S::allow_untrusted_packages},
    {kRegistry, "models_cache_auth_enabled", "MODELS_CACHE_AUTH_ENABLED",
     "Ask the registry whether a request's key may use the model, each key by itself", &S::models_cache_auth_enabled},
    {kRegistry, "models_cache_auth_seconds", "MODELS_CACHE_AUTH_CACHE_TTL", "How long its answer is believed",
     &S::models_cache_auth_seconds, 0, 86'400},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

Result<bool> read_bool(std::string_view text) {
  std::string lower(trimmed(text));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto* yes : {"true", "1", "yes", "on"}) {
    if (lower == yes) return true;
  }
  for (const auto* no : {"false", "0", "no", "off"}) {
    if (lower == no) return false;
  }
  return Error{Code::invalid_argument, "expected true or false, not '" + std::string(text) + "'"};
}

Result<std::int64_t> read_number(std::string_view text, std::int64_t least, std::int64_t most) {
  const auto digits = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc() && end == digits.data() + digits.size() && !digits.empty() && value >= least &&
      value <= most) {
    return value;
  }
  const std::string upper =
      most == std::numeric_limits<std::int64_t>::max() ? "" : " and at most " + std::to_string(most);
  return Error{Code::invalid_argument, "expected a whole number of at least " + std::to_string(least) + upper +
                                           ", not '" + std::string(text) + "'"};
}

std::vector<std::string> read_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (const auto item = trimmed(text.substr(0, comma)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

}  // namespace

std::string SettingRule::flag() const {
  std::string name(key);
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

std::string setting_help(const SettingRule& rule, const ServerSettings& defaults) {
  const std::string value = setting_text(rule, defaults);
  return std::string(rule.help) + (value.empty() || rule.secret ? "" : " [" + value + "]") + " (" +
         std::string(rule.variables) + ")";
}

std::string setting_type(const SettingRule& rule) {
  if (std::holds_alternative<bool S::*>(rule.member)) return "";
  if (!std::holds_alternative<std::filesystem::path S::*>(rule.member)) return "VALUE";
  return rule.key.starts_with("ssl_") ? "FILE" : "FOLDER";
}

std::span<const SettingRule> setting_rules() {
  return kRules;
}

Status set_setting(const SettingRule& rule, std::string_view text, ServerSettings& settings) {
  return std::visit(
      [&](auto member) -> Status {
        auto& target = settings.*member;
        using Value = std::remove_reference_t<decltype(target)>;
        if constexpr (std::is_same_v<Value, bool>) {
          auto value = read_bool(text);
          if (!value) return std::move(value).error();
          target = *value;
        } else if constexpr (std::is_integral_v<Value>) {
          auto value = read_number(text, rule.least, rule.most);
          if (!value) return std::move(value).error();
          target = static_cast<Value>(*value);
        } else if constexpr (std::is_same_v<Value, SettingRule::Texts>) {
          target = read_list(text);
        } else {
          target = std::string(text);
        }
        return {};
      },
      rule.member);
}

std::string setting_text(const SettingRule& rule, const ServerSettings& settings) {
  return std::visit(
      [&](auto member) -> std::string {
        const auto& value = settings.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, bool>) {
          return value ? "true" : "false";
        } else if constexpr (std::is_integral_v<Value>) {
          return std::to_string(value);
        } else if constexpr (std::is_same_v<Value, SettingRule::Texts>) {
          std::string text;
          for (const auto& item : value) text += (text.empty() ? "" : ",") + item;
          return text;
        } else if constexpr (std::is_same_v<Value, std::filesystem::path>) {
          return value.string();
        } else {
          return value;
        }
      },
      rule.member);
}

}  // namespace osprey::cli
