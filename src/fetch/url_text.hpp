// URLs as text: made from parts, and shown without what is secret in them.
#pragma once

#include <string>
#include <string_view>

namespace osprey::fetch {

/// Every byte but RFC 3986's unreserved characters as %XX, so that a text is one segment or one value of a query.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Whether `url` is http or https with a host.
[[nodiscard]] bool is_http_url(const std::string& url);

/// Whether two URLs have scheme, host and port in common; false when one is no URL.
[[nodiscard]] bool same_origin(const std::string& a, const std::string& b);

/// A URL for the log: without user, query and fragment, where keys and signatures are. "?" when it is no URL.
[[nodiscard]] std::string url_for_log(const std::string& url);

}  // namespace osprey::fetch
