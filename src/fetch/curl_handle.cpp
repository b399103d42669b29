#include "fetch/curl_handle.hpp"

#include <mutex>

namespace osprey::fetch {

void initialize_curl() {
  // It is not thread-safe before 7.84.
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

CurlHandle make_curl_handle() {
  initialize_curl();
  return CurlHandle(curl_easy_init());
}

}  // namespace osprey::fetch
