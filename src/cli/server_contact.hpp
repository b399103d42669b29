// What a running server tells of itself over HTTP, for the commands that look after servers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osprey::cli {

/// "http://127.0.0.1:9001": where a server that listens on `host` and `port` is reached from this machine.
[[nodiscard]] std::string local_url(const std::string& host, std::uint16_t port, bool https);

struct ServerAnswer {
  std::string name;
  std::string version;
};

/// GET /info; a few seconds at most. A certificate is not checked: nothing is told to it. Errors: unavailable (nobody
/// answers there, or no inference server).
[[nodiscard]] Result<ServerAnswer> ask_server(const std::string& url);

/// Ids of the models in its memory. Errors: unavailable; unauthenticated (it wants a key); not_found (it does not
/// tell).
[[nodiscard]] Result<std::vector<std::string>> ask_models(const std::string& url, const std::string& api_key);

}  // namespace osprey::cli
