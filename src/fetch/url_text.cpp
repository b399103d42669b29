#include "fetch/url_text.hpp"

#include <memory>
#include <optional>

#include <curl/curl.h>

namespace osprey::fetch {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, UrlDeleter>;

UrlHandle parse(const std::string& text) {
  UrlHandle url(curl_url());
  if (url && curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) url.reset();
  return url;
}

std::optional<std::string> part(const UrlHandle& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (!url || curl_url_get(url.get(), which, &text, flags) != CURLUE_OK || text == nullptr) return std::nullopt;
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4U];
    encoded += kDigits[byte & 15U];
  }
  return encoded;
}

bool is_http_url(const std::string& url) {
  const UrlHandle parsed = parse(url);
  const auto scheme = part(parsed, CURLUPART_SCHEME);
  return (scheme == "http" || scheme == "https") && !part(parsed, CURLUPART_HOST).value_or("").empty();
}

bool same_origin(const std::string& a, const std::string& b) {
  const UrlHandle first = parse(a);
  const UrlHandle second = parse(b);
  if (!first || !second) return false;
  for (const CURLUPart which : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    if (part(first, which, CURLU_DEFAULT_PORT) != part(second, which, CURLU_DEFAULT_PORT)) return false;
  }
  return true;
}

std::string url_for_log(const std::string& url) {
  const UrlHandle parsed = parse(url);
  for (const CURLUPart which :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (parsed) curl_url_set(parsed.get(), which, nullptr, 0);
  }
  return part(parsed, CURLUPART_URL).value_or("?");
}

}  // namespace osprey::fetch
