#include "fetch/curl_handle.hpp"

#include <mutex>

namespace osprey::fetch {

CurlHandle make_curl_handle() {
  // libcurl's own global set-up is not thread-safe before 7.84 and cheap to repeat.
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return CurlHandle(curl_easy_init());
}

}  // namespace osprey::fetch
