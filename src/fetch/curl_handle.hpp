// What every transfer of this room needs of libcurl. Private to the room.
#pragma once

#include <memory>

#include <curl/curl.h>

namespace osprey::fetch {

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlDeleter>;

/// libcurl's own set-up; whatever follows the first call does nothing. Thread-safe.
void initialize_curl();

/// A new handle; null when there is no memory. Thread-safe.
[[nodiscard]] CurlHandle make_curl_handle();

}  // namespace osprey::fetch
