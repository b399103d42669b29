// The page at `/` and its files below /static/page/, from the executable.
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/page_assets.hpp"
#include "server/routes.hpp"

namespace osprey::server {
namespace {

// Nothing from elsewhere, nothing inline, and in no other page's frame: what a model's name says stays text.
constexpr const char* kPolicy =
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Calls `wanted` with the elements of a list by `separator`, until it says true; whether it did.
template <typename Wanted>
bool any_of_list(std::string_view list, char separator, const Wanted& wanted) {
  while (true) {
    const auto end = list.find(separator);
    if (wanted(trimmed(list.substr(0, end)))) return true;
    if (end == std::string_view::npos) return false;
    list.remove_prefix(end + 1);
  }
}

/// Whether a client takes gzip: it says so by name, and not with a quality of 0.
bool takes_gzip(const http::Request& request) {
  const auto accepted = request.headers.find("Accept-Encoding");
  return accepted && any_of_list(*accepted, ',', [](std::string_view coding) {
           const auto name = trimmed(coding.substr(0, coding.find(';')));
           if (name != "gzip") return false;
           const auto quality = coding.find("q=");
           return quality == std::string_view::npos ||
                  coding.substr(quality + 2).find_first_of("123456789") != std::string_view::npos;
         });
}

/// Whether the client has this version already.
bool is_known(const http::Request& request, std::string_view tag) {
  const auto known = request.headers.find("If-None-Match");
  return known && any_of_list(*known, ',', [tag](std::string_view one) {
           if (one.starts_with("W/")) one.remove_prefix(2);
           return one == "*" || one == tag;
         });
}

http::Response answer(const PageAsset& asset, const http::Request& request) {
  const bool packed = !asset.compressed.empty() && takes_gzip(request);
  const std::string tag = "\"" + std::string(asset.hash) + (packed ? "-gz\"" : "\"");
  http::Response response;
  response.headers.add("ETag", tag);
  // Asked for again at each visit, and then mostly answered with 304: a new release shows at once.
  response.headers.add("Cache-Control", "no-cache");
  if (!asset.compressed.empty()) response.headers.add("Vary", "Accept-Encoding");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Content-Security-Policy", kPolicy);
  if (is_known(request, tag)) {
    response.status = 304;
    response.content_type.clear();
    return response;
  }
  response.content_type = asset.content_type;
  if (packed) response.headers.add("Content-Encoding", "gzip");
  response.body = packed ? asset.compressed : asset.bytes;
  return response;
}

}  // namespace

void add_page_routes(http::Router& router, const RouteContext& /*context*/) {
  for (const auto& asset : page_assets()) {
    const http::Handler handler = [&asset](http::Request request, http::Responder respond) {
      respond(answer(asset, request));
    };
    if (asset.path == "index.html") {
      router.add("GET", "/", handler);
    } else {
      router.add("GET", "/static/page/" + std::string(asset.path), handler);
    }
  }
}

}  // namespace osprey::server
