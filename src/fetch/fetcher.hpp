// Fetches what a URL points to, under limits, from public addresses only unless told otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/result.hpp"
#include "fetch/url.hpp"

namespace osprey::fetch {

struct FetchOptions {
  UrlPolicy policy;
  /// Loopback, private and other special addresses, too. Checked for the address that is connected to, at every
  /// connection, so that neither a name nor a redirect leads elsewhere.
  bool allow_special_addresses = false;
  std::size_t max_bytes = std::size_t{64} << 20;
  std::chrono::milliseconds time{20'000};  ///< for all of it, redirects included
  int max_redirects = 5;
};

/// Gets `url`. Blocks; to be called on a thread that may wait. Errors: invalid_argument with the cause, for all that
/// the one who named the URL can mend: a refused URL or address, an HTTP error status, no connection, too many
/// redirects, too slow; payload_too_large; cancelled. Thread-safe.
[[nodiscard]] Result<std::vector<std::byte>> fetch(const std::string& url, const FetchOptions& options,
                                                   const CancelToken& cancel);

}  // namespace osprey::fetch
