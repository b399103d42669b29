#include "server/access.hpp"

#include <algorithm>
#include <cctype>

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace osprey::server {
namespace {

constexpr std::string_view kPublicPaths[] = {
    "/",        "/docs",         "/redoc",       "/info", "/healthz",        "/readiness",
    "/metrics", "/openapi.json", "/favicon.ico", "/v2",   "/v2/health/live", "/v2/health/ready"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

Access::Access(std::span<const std::string> server_keys, bool from_headers) : from_headers_(from_headers) {
  for (const auto& key : server_keys) digests_.push_back(digest(key));
}

bool Access::is_public(std::string_view path) {
  return std::find(std::begin(kPublicPaths), std::end(kPublicPaths), path) != std::end(kPublicPaths) ||
         path.starts_with("/static/");
}

bool Access::allows(const http::Request& request, std::optional<std::string_view> body_key) const {
  if (!closed()) return true;
  const auto in_query = request.query_value("api_key");
  const auto in_header = bearer(request);
  return (in_query && is_server_key(*in_query)) || (in_header && is_server_key(*in_header)) ||
         (body_key && is_server_key(*body_key));
}

std::string Access::registry_key(const http::Request& request, bool query_counts,
                                 std::optional<std::string_view> body_key) const {
  std::optional<std::string_view> key;
  if (query_counts) key = request.query_value("api_key");
  if (!key) key = bearer(request);
  if (!key) key = body_key;
  if (!key || is_server_key(*key)) return {};
  return std::string(*key);
}

Result<std::string> Access::authorize(std::string_view key) const {
  if (!closed()) return std::string(key);
  if (is_server_key(key)) return std::string();
  return Error{Code::unauthenticated, "Unauthorized api_key"};
}

std::optional<std::string_view> Access::bearer(const http::Request& request) const {
  if (!from_headers_) return std::nullopt;
  const auto value = request.headers.find("Authorization");
  if (!value) return std::nullopt;
  const auto text = trimmed(*value);
  constexpr std::string_view kScheme = "bearer ";
  const bool is_bearer = text.size() > kScheme.size() &&
                         std::equal(kScheme.begin(), kScheme.end(), text.begin(), [](char expected, char c) {
                           return expected == static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                         });
  if (!is_bearer) return std::nullopt;
  const auto key = trimmed(text.substr(kScheme.size()));
  return key.empty() ? std::nullopt : std::optional(key);
}

Access::Digest Access::digest(std::string_view key) {
  Digest result{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), result.data());
  return result;
}

bool Access::is_server_key(std::string_view key) const {
  if (digests_.empty()) return false;
  const Digest given = digest(key);
  bool known = false;
  // All are compared, each in constant time: how long it takes tells nothing of them.
  for (const auto& each : digests_) known |= CRYPTO_memcmp(each.data(), given.data(), given.size()) == 0;
  return known;
}

http::Response unauthorized_response() {
  http::Response response;
  response.status = 401;
  response.body = R"({"status":401,"message":"Unauthorized api_key"})";
  response.headers.add("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace osprey::server
