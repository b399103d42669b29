#include "fetch/transfer.hpp"

#include <cstdint>
#include <new>
#include <span>
#include <utility>

#include <sys/socket.h>

#include "fetch/address.hpp"

namespace osprey::fetch {

Transfer::Transfer(const FetchOptions& options, std::shared_ptr<ByteBudget> budget, std::string url,
                   std::function<bool()> abandoned, Fetcher::Done done)
    : options_(options),
      end_(Clock::now() + options.time),
      url_(std::move(url)),
      abandoned_(std::move(abandoned)),
      done_(std::move(done)),
      bytes_(std::move(budget)) {}

Status Transfer::prepare() {
  if (auto allowed = check_url(url_, options_.policy); !allowed) return allowed;
  if (!handle_) handle_ = make_curl_handle();
  if (!handle_) return Error{Code::internal, "no memory for a transfer"};
  if (late()) return too_late();
  set_options();
  return {};
}

void Transfer::set_options() {
  CURL* handle = handle_.get();
  curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
  curl_easy_setopt(handle, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, options_.policy.allow_http ? "http,https" : "https");
  // Redirects are followed here, not by libcurl: each target goes through check_url like the first.
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.max_bytes));
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // Its end must not wait for a name that is still being resolved: all transfers share the thread.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  // A proxy would be connected to in the place of the address that is checked.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, stop_when_abandoned);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "osprey");
}

std::optional<Result<FetchedBytes>> Transfer::ended(CURLcode code) {
  if (code != CURLE_OK) return failure(code);
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  const char* location = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &location);
  if (status >= 300 && status < 400 && location != nullptr) {
    if (++redirects_ > options_.max_redirects) {
      return Error{Code::invalid_argument,
                   "the URL redirects more than " + std::to_string(options_.max_redirects) + " times"};
    }
    url_ = location;
    bytes_.clear();
    return std::nullopt;
  }
  if (status < 200 || status >= 300) {
    return Error{
        Code::invalid_argument,
        "Data pointed by URL could not be decoded into image: the server there answered " + std::to_string(status)};
  }
  return std::move(bytes_);
}

void Transfer::answer(Result<FetchedBytes> result) noexcept {
  const auto done = std::exchange(done_, nullptr);
  if (!done) return;
  abandoned_ = nullptr;
  try {
    done(std::move(result));
  } catch (...) {  // no memory to pass it on: who waits is answered when `done` is let go
  }
}

std::size_t Transfer::take_bytes(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t length = size * count;
  if (transfer.bytes_.view().size() + length > transfer.options_.max_bytes) {
    transfer.too_large_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  try {
    if (transfer.bytes_.view().empty()) transfer.make_room();
    if (transfer.bytes_.append(std::as_bytes(std::span(data, length)))) return length;
    transfer.no_room_ = true;
  } catch (const std::bad_alloc&) {
    transfer.no_room_ = true;
  }
  return CURL_WRITEFUNC_ERROR;
}

/// For as much as the answer says that it brings: the address space alone costs nothing.
void Transfer::make_room() {
  curl_off_t length = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length > 0 && static_cast<std::uint64_t>(length) <= options_.max_bytes) {
    bytes_.reserve(static_cast<std::size_t>(length));
  }
}

/// Opens the socket only when the address that it will be connected to may be reached.
curl_socket_t Transfer::open_socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.options_.allow_special_addresses && !is_public_address(address->addr)) {
    transfer.refused_address_ = to_string(address->addr);
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Transfer::stop_when_abandoned(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.abandoned()) return 0;
  transfer.answer(Error{Code::cancelled, "the client has left"});
  // A name that is being resolved has a thread of libcurl's until that ends. It keeps this transfer's place until then,
  // or clients that come and leave would gather such threads.
  curl_off_t resolved = 0;
  curl_easy_getinfo(transfer.handle(), CURLINFO_NAMELOOKUP_TIME_T, &resolved);
  return resolved > 0 ? 1 : 0;
}

Error Transfer::too_late() const {
  return {Code::invalid_argument,
          "what the URL points to did not come within " + std::to_string(options_.time.count()) + " ms"};
}

Error Transfer::failure(CURLcode code) const {
  if (code == CURLE_ABORTED_BY_CALLBACK) return {Code::cancelled, "the client has left"};
  if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) {
    return {Code::payload_too_large,
            "what the URL points to is larger than " + std::to_string(options_.max_bytes) + " bytes"};
  }
  if (no_room_) return {Code::overloaded, "too many large images are being fetched by URL; try again later"};
  if (refused_address_) {
    return {Code::invalid_argument, "the URL leads to " + *refused_address_ + ", which is not a public address"};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) return too_late();
  return {Code::invalid_argument,
          std::string("Data pointed by URL could not be decoded into image: ") + curl_easy_strerror(code)};
}

}  // namespace osprey::fetch
