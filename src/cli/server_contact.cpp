#include "cli/server_contact.hpp"

#include <chrono>
#include <utility>

#include <osprey/client.hpp>

namespace osprey::cli {
namespace {

Result<client::Client> connect(const std::string& url, const std::string& api_key) {
  client::Options options;
  options.url = url;
  options.api_key = api_key;
  options.connect_timeout = std::chrono::seconds(2);
  options.timeout = std::chrono::seconds(5);
  options.retries.attempts = 1;
  options.verify_tls = false;
  auto made = client::Client::create(std::move(options));
  if (!made) return Error{Code::invalid_argument, made.error().message};
  return std::move(made).value();
}

Error as_error(const client::Error& error) {
  switch (error.kind) {
    case client::ErrorKind::unauthorized: return {Code::unauthenticated, error.message};
    case client::ErrorKind::not_found: return {Code::not_found, error.message};
    default: return {Code::unavailable, error.message};
  }
}

}  // namespace

std::string local_url(const std::string& host, std::uint16_t port, bool https) {
  std::string name = host;
  if (host.empty() || host == "0.0.0.0") name = "127.0.0.1";
  if (host == "::") name = "::1";
  if (name.find(':') != std::string::npos) name = '[' + name + ']';
  return (https ? "https://" : "http://") + name + ':' + std::to_string(port);
}

Result<ServerAnswer> ask_server(const std::string& url) {
  auto made = connect(url, "");
  if (!made) return made.error();
  const auto info = made->server_info();
  if (!info) return as_error(info.error());
  return ServerAnswer{info->name, info->version};
}

Result<std::vector<std::string>> ask_models(const std::string& url, const std::string& api_key) {
  auto made = connect(url, api_key);
  if (!made) return made.error();
  const auto models = made->list_models();
  if (!models) return as_error(models.error());
  std::vector<std::string> ids;
  for (const auto& model : *models) ids.push_back(model.model_id);
  return ids;
}

}  // namespace osprey::cli
