#include "cli/settings.hpp"

#include <functional>
#include <map>

#include <yaml-cpp/yaml.h>

namespace osprey::cli {
namespace {

template <typename Value>
std::function<void(const YAML::Node&)> into(Value& value) {
  return [&value](const YAML::Node& node) { value = node.as<Value>(); };
}

std::function<void(const YAML::Node&)> into_path(std::filesystem::path& value) {
  return [&value](const YAML::Node& node) { value = node.as<std::string>(); };
}

}  // namespace

Status read_settings_file(const std::filesystem::path& file, ServerSettings& settings) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return Error{Code::not_found, "no settings file " + file.string()};
  const std::map<std::string, std::function<void(const YAML::Node&)>> keys = {
      {"host", into(settings.host)},
      {"port", into(settings.port)},
      {"models", into_path(settings.models)},
      {"cache", into_path(settings.cache)},
      {"backend", into(settings.backend)},
      {"max_active_models", into(settings.max_active_models)},
      {"max_body_mib", into(settings.max_body_mib)},
      {"log_level", into(settings.log_level)},
      {"allow_url_input", into(settings.allow_url_input)},
      {"allow_non_https_url_input", into(settings.allow_non_https_url_input)},
      {"allow_url_input_without_fqdn", into(settings.allow_url_input_without_fqdn)},
      {"allow_url_to_non_global_addresses", into(settings.allow_url_to_non_global_addresses)},
  };
  std::string known;
  for (const auto& [key, set] : keys) known += (known.empty() ? "" : ", ") + key;
  std::string key;
  try {
    const YAML::Node root = YAML::LoadFile(file.string());
    if (root.IsNull()) return {};
    if (!root.IsMap())
      return Error{Code::invalid_argument, file.string() + ": expected `key: value` lines; keys: " + known};
    for (const auto& entry : root) {
      key = entry.first.as<std::string>();
      const auto found = keys.find(key);
      if (found == keys.end()) {
        return Error{Code::invalid_argument, file.string() + ": unknown key '" + key + "'; known: " + known};
      }
      found->second(entry.second);
    }
  } catch (const YAML::Exception& e) {
    return Error{Code::invalid_argument, file.string() + (key.empty() ? "" : ": " + key) + ": " + e.what()};
  }
  return {};
}

}  // namespace osprey::cli
