#include "cli/hub_settings.hpp"

#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

namespace osprey::cli {
namespace {

Result<std::map<std::string, std::string>> read_headers(const std::string& text) {
  std::map<std::string, std::string> headers;
  if (text.empty()) return headers;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const Error wrong{Code::invalid_argument, R"(registry_headers: expected a JSON object of texts, {"Name": "value"})"};
  if (!json.is_object()) return wrong;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) return wrong;
    headers.emplace(name, value.get<std::string>());
  }
  return headers;
}

Result<std::set<int>> read_statuses(const std::vector<std::string>& texts) {
  std::set<int> statuses;
  for (const auto& text : texts) {
    int status = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    if (error != std::errc() || end != text.data() + text.size() || status < 400 || status > 599) {
      return Error{Code::invalid_argument,
                   "registry_retried_statuses: expected HTTP statuses from 400 to 599, not '" + text + "'"};
    }
    statuses.insert(status);
  }
  return statuses;
}

}  // namespace

Result<hub::HubOptions> hub_options(const ServerSettings& settings) {
  auto headers = read_headers(settings.registry_headers);
  if (!headers) return std::move(headers).error();
  auto statuses = read_statuses(settings.registry_retried_statuses);
  if (!statuses) return std::move(statuses).error();
  hub::HubOptions options;
  options.cache = settings.cache;
  options.lookup_url = settings.registry_url;
  options.weights_url = settings.registry_weights_url;
  options.gateway = settings.registry_gateway;
  options.api_key = settings.api_key;
  options.extra_headers = std::move(headers).value();
  options.verify_tls = settings.verify_registry_tls;
  options.offline = settings.offline;
  options.lookup_time = std::chrono::seconds(settings.registry_lookup_seconds);
  options.stall_time = std::chrono::seconds(settings.registry_stall_seconds);
  options.allow_untrusted = settings.allow_untrusted_packages;
  options.call_time = std::chrono::seconds(settings.registry_call_seconds);
  options.max_tries = static_cast<int>(settings.registry_tries);
  options.retried_statuses = std::move(statuses).value();
  options.max_cache_bytes = settings.max_cache_mib <= 0 ? 0 : static_cast<std::uint64_t>(settings.max_cache_mib) << 20;
  options.access_time = std::chrono::seconds(settings.models_cache_auth_seconds);
  return options;
}

}  // namespace osprey::cli
