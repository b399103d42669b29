#include "fetch/fetcher.hpp"

#include <optional>

#include <sys/socket.h>

#include "fetch/address.hpp"
#include "fetch/curl_handle.hpp"

namespace osprey::fetch {
namespace {

/// What the callbacks of one transfer share.
struct Transfer {
  const FetchOptions& options;
  const CancelToken& cancel;
  std::vector<std::byte> bytes;
  bool too_large = false;
  std::optional<std::string> refused_address;
};

std::size_t take_bytes(char* data, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::size_t length = size * count;
  if (transfer.bytes.size() + length > transfer.options.max_bytes) {
    transfer.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  try {
    transfer.bytes.insert(transfer.bytes.end(), begin, begin + length);
  } catch (const std::bad_alloc&) {
    return CURL_WRITEFUNC_ERROR;
  }
  return length;
}

/// Opens the socket only when the address that it will be connected to may be reached.
curl_socket_t open_socket(void* context, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (!transfer.options.allow_special_addresses && !is_public_address(address->addr)) {
    transfer.refused_address = to_string(address->addr);
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype, address->protocol);
}

int stop_when_cancelled(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->cancel.cancelled() ? 1 : 0;
}

Error failure(const Transfer& transfer, CURLcode code) {
  if (transfer.cancel.cancelled()) return {Code::cancelled, "the client has left"};
  if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return {Code::payload_too_large,
            "what the URL points to is larger than " + std::to_string(transfer.options.max_bytes) + " bytes"};
  }
  if (transfer.refused_address) {
    return {Code::invalid_argument,
            "the URL leads to " + *transfer.refused_address + ", which is not a public address"};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return {Code::invalid_argument,
            "what the URL points to did not come within " + std::to_string(transfer.options.time.count()) + " ms"};
  }
  return {Code::invalid_argument,
          std::string("Data pointed by URL could not be decoded into image: ") + curl_easy_strerror(code)};
}

void set_options(CURL* handle, const std::string& url, Transfer& transfer) {
  const auto& options = transfer.options;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, options.policy.allow_http ? "http,https" : "https");
  // Redirects are followed here, not by libcurl: each target goes through check_url like the first.
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.max_bytes));
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // A proxy would be connected to in the place of the address that is checked.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, stop_when_cancelled);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "osprey");
}

}  // namespace

Result<std::vector<std::byte>> fetch(const std::string& url, const FetchOptions& options, const CancelToken& cancel) {
  const CurlHandle handle = make_curl_handle();
  if (!handle) return Error{Code::internal, "no memory for a transfer"};
  Transfer transfer{options, cancel, {}, false, std::nullopt};
  std::string target = url;
  const auto end = std::chrono::steady_clock::now() + options.time;
  for (int redirects = 0; redirects <= options.max_redirects; ++redirects) {
    if (auto allowed = check_url(target, options.policy); !allowed) return std::move(allowed).error();
    set_options(handle.get(), target, transfer);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return failure(transfer, CURLE_OPERATION_TIMEDOUT);
    curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    transfer.bytes.clear();
    if (const auto code = curl_easy_perform(handle.get()); code != CURLE_OK) return failure(transfer, code);
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    const char* location = nullptr;
    curl_easy_getinfo(handle.get(), CURLINFO_REDIRECT_URL, &location);
    if (status >= 300 && status < 400 && location != nullptr) {
      target = location;
      continue;
    }
    if (status < 200 || status >= 300) {
      return Error{
          Code::invalid_argument,
          "Data pointed by URL could not be decoded into image: the server there answered " + std::to_string(status)};
    }
    return std::move(transfer.bytes);
  }
  return Error{Code::invalid_argument,
               "the URL redirects more than " + std::to_string(options.max_redirects) + " times"};
}

}  // namespace osprey::fetch
