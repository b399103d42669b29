#include "fetch/url.hpp"

#include <algorithm>
#include <cctype>

#include <boost/url.hpp>

namespace osprey::fetch {
namespace {

Error refused(std::string why) {
  return {Code::invalid_argument, std::move(why)};
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// A name with a dot whose last label is no number: "example.com", but not "localhost", "127.0.0.1" or "0x7f.1".
bool has_domain(const std::string& host) {
  const auto dot = host.rfind('.');
  if (dot == std::string::npos || dot + 1 == host.size()) return false;
  return std::isalpha(static_cast<unsigned char>(host[dot + 1])) != 0;
}

}  // namespace

Status check_url(std::string_view url, const UrlPolicy& policy) {
  constexpr std::size_t kMaxLength = 8192;
  if (url.size() > kMaxLength) return refused("the URL is longer than 8192 characters");
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return refused("the URL is malformed");
  const auto scheme = lower(std::string(parsed->scheme()));
  if (scheme != "https" && scheme != "http") {
    return refused("only http:// and https:// URLs are fetched");
  }
  if (scheme == "http" && !policy.allow_http)
    return refused("providing images from a non https:// URL is not allowed here");
  if (parsed->has_userinfo()) return refused("a URL with a user name is not fetched");
  const auto host = lower(std::string(parsed->host()));
  if (host.empty()) return refused("the URL names no host");
  if (!policy.allow_without_fqdn && !has_domain(host))
    return refused("providing images from a URL without FQDN is not allowed here");
  if (!policy.allowed_hosts.empty() && !policy.allowed_hosts.contains(host))
    return refused("the URL's host is not among those allowed here");
  if (policy.denied_hosts.contains(host)) return refused("the URL's host is denied here");
  return {};
}

}  // namespace osprey::fetch
