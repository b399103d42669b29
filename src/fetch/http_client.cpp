#include "fetch/http_client.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include "fetch/curl_handle.hpp"
#include "fetch/url_text.hpp"

namespace osprey::fetch {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kMaxHeaderBytes = std::size_t{256} << 10U;
constexpr std::uint64_t kMaxErrorBody = std::uint64_t{64} << 10U;
constexpr int kPollMilliseconds = 50;

struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

/// What the callbacks of one transfer share.
struct Transfer {
  const HttpRequest& request;
  const HttpSink& sink;
  CURL* handle = nullptr;
  HttpHead head;
  std::size_t header_bytes = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t progress = 0;  // bytes of any kind
  bool head_given = false;
  std::optional<Error> failure;

  [[nodiscard]] bool redirects() const { return head.status >= 300 && head.status < 400 && head.status != 304; }
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

void read_header(Transfer& transfer, std::string_view line) {
  if (line.starts_with("HTTP/")) {  // of an interim answer or the real one
    transfer.head = {};
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(trimmed(line.substr(0, colon)));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string_view value = trimmed(line.substr(colon + 1));
  auto& kept = transfer.head.headers[std::move(name)];
  if (!kept.empty()) kept += ", ";
  kept += value;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::size_t length = size * count;
  transfer.header_bytes += length;
  transfer.progress += length;
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.failure = Error{Code::upstream_failed, "the answer's headers are too long"};
    return 0;
  }
  try {
    read_header(transfer, std::string_view(data, length));
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return length;
}

bool give_head(Transfer& transfer) {
  if (transfer.head_given) return true;
  long status = 0;
  curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
  transfer.head.status = static_cast<int>(status);
  curl_off_t length = -1;
  curl_easy_getinfo(transfer.handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length >= 0) transfer.head.length = static_cast<std::uint64_t>(length);
  transfer.head_given = true;
  if (transfer.redirects()) return true;
  const bool good = status >= 200 && status < 300;
  if (good && transfer.head.length && *transfer.head.length > transfer.request.max_bytes) {
    transfer.failure =
        Error{Code::payload_too_large, "the answer has " + std::to_string(*transfer.head.length) + " bytes; at most " +
                                           std::to_string(transfer.request.max_bytes) + " are taken"};
    return false;
  }
  if (auto taken = transfer.sink.on_head(transfer.head); !taken) transfer.failure = std::move(taken).error();
  return !transfer.failure;
}

std::size_t take_bytes(char* data, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::size_t length = size * count;
  transfer.progress += length;
  transfer.body_bytes += length;
  try {
    if (!give_head(transfer)) return CURL_WRITEFUNC_ERROR;
    if (transfer.head.status < 200 || transfer.head.status >= 300) {
      // What an error says is not read: it may hold what was sent.
      return transfer.body_bytes > kMaxErrorBody ? CURL_WRITEFUNC_ERROR : length;
    }
    if (transfer.body_bytes > transfer.request.max_bytes) {
      transfer.failure =
          Error{Code::payload_too_large,
                "the answer has more than the " + std::to_string(transfer.request.max_bytes) + " bytes that are taken"};
      return CURL_WRITEFUNC_ERROR;
    }
    auto taken = transfer.sink.on_bytes(std::as_bytes(std::span(data, length)));
    if (!taken) transfer.failure = std::move(taken).error();
  } catch (const std::bad_alloc&) {
    transfer.failure = Error{Code::internal, "no memory for a transfer"};
  }
  return transfer.failure ? CURL_WRITEFUNC_ERROR : length;
}

Error failure_of(CURLcode code) {
  const std::string reason = curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return {Code::invalid_argument, "not a http or https URL"};
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PROXY: return {Code::unavailable, reason};
    case CURLE_OPERATION_TIMEDOUT: return {Code::upstream_timeout, "no answer in time"};
    case CURLE_OUT_OF_MEMORY: return {Code::internal, "no memory for a transfer"};
    default: return {Code::upstream_failed, reason};
  }
}

void set_options(CURL* handle, const std::string& url, const curl_slist* headers, Transfer& transfer) {
  const HttpRequest& request = transfer.request;
  curl_easy_reset(handle);
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);  // by run(), which keeps headers from other origins
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_time.count()));
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, request.verify_tls ? 1L : 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, request.verify_tls ? 2L : 0L);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "osprey");
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 256L << 10U);
}

/// Refuses what comes slower than the request allows.
class Pace {
 public:
  Pace(const HttpRequest& request, SteadyTime end) : request_(request), end_(end) {}

  [[nodiscard]] std::optional<Error> check(std::uint64_t progress) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (request_.time.count() > 0 && now >= end_) {
      return Error{Code::upstream_timeout, "not complete within " + std::to_string(request_.time.count()) + " ms"};
    }
    if (request_.stall_time.count() <= 0) return std::nullopt;
    if (progress >= marked_progress_ + request_.stall_bytes) {
      marked_progress_ = progress;
      marked_ = now;
    }
    if (now - marked_ < request_.stall_time) return std::nullopt;
    return Error{Code::upstream_timeout, "nothing came for " + std::to_string(request_.stall_time.count()) + " ms"};
  }

 private:
  const HttpRequest& request_;
  SteadyTime end_;
  std::uint64_t marked_progress_ = 0;
  SteadyTime marked_ = std::chrono::steady_clock::now();
};

/// One exchange, driven here so that a cancelled or stalled one ends at once. The handle is in no multi afterwards.
Status perform(CURL* handle, Transfer& transfer, SteadyTime end, const CancelToken& cancel) {
  const std::unique_ptr<CURLM, MultiDeleter> multi(curl_multi_init());
  if (!multi || curl_multi_add_handle(multi.get(), handle) != CURLM_OK) {
    return Error{Code::internal, "no memory for a transfer"};
  }
  Pace pace(transfer.request, end);
  std::optional<Error> failure;
  std::optional<CURLcode> outcome;
  while (!failure && !outcome) {
    int running = 0;
    if (curl_multi_perform(multi.get(), &running) != CURLM_OK) failure = Error{Code::internal, "a transfer failed"};
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) outcome = message->data.result;
    }
    if (failure || outcome) break;
    if (cancel.cancelled()) failure = Error{Code::cancelled, "the transfer was cancelled"};
    if (!failure) failure = pace.check(transfer.progress);
    if (!failure) curl_multi_poll(multi.get(), nullptr, 0, kPollMilliseconds, nullptr);
  }
  curl_multi_remove_handle(multi.get(), handle);
  if (failure) return std::move(*failure);
  if (transfer.failure) return std::move(*transfer.failure);
  if (*outcome != CURLE_OK && !(transfer.head_given && transfer.head.status >= 300)) return failure_of(*outcome);
  return {};
}

Result<HeaderList> make_headers(const HttpRequest& request, bool own_origin) {
  HeaderList list;
  std::vector<std::string> lines;
  if (own_origin) {
    for (const auto& header : request.headers) lines.push_back(header.name + ": " + header.value);
  }
  if (request.first_byte > 0) lines.push_back("Range: bytes=" + std::to_string(request.first_byte) + "-");
  for (const auto& line : lines) {
    // A line break would begin a header of somebody else's making.
    if (line.find_first_of("\r\n") != std::string::npos || line.find('\0') != std::string::npos) {
      return Error{Code::invalid_argument, "a header to send has a line break in it"};
    }
    curl_slist* grown = curl_slist_append(list.get(), line.c_str());
    if (grown == nullptr) return Error{Code::internal, "no memory for a transfer"};
    (void)list.release();
    list.reset(grown);
  }
  return list;
}

Result<HttpHead> run(const HttpRequest& request, const HttpSink& sink, const CancelToken& cancel) {
  const CurlHandle handle = make_curl_handle();
  if (!handle) return Error{Code::internal, "no memory for a transfer"};
  const SteadyTime end = std::chrono::steady_clock::now() + request.time;
  std::string url = request.url;
  for (int redirects = 0; redirects <= request.max_redirects; ++redirects) {
    if (!is_http_url(url)) return Error{Code::invalid_argument, "not a http or https URL"};
    auto headers = make_headers(request, redirects == 0 || same_origin(url, request.url));
    if (!headers) return std::move(headers).error();
    Transfer transfer{request, sink, handle.get(), {}, 0, 0, 0, false, std::nullopt};
    set_options(handle.get(), url, headers->get(), transfer);
    if (auto done = perform(handle.get(), transfer, end, cancel); !done) return std::move(done).error();
    if (!give_head(transfer)) return std::move(*transfer.failure);
    const char* location = nullptr;
    curl_easy_getinfo(handle.get(), CURLINFO_REDIRECT_URL, &location);
    if (!transfer.redirects() || location == nullptr) {
      if (transfer.redirects()) return Error{Code::upstream_failed, "the answer redirects to nowhere"};
      return std::move(transfer.head);
    }
    std::string target(location);
    if (url.starts_with("https:") && !target.starts_with("https:")) {
      return Error{Code::invalid_argument, "the answer redirects from https to http"};
    }
    url = std::move(target);
  }
  return Error{Code::upstream_failed,
               "the answer redirects more than " + std::to_string(request.max_redirects) + " times"};
}

}  // namespace

Result<HttpHead> http_get(const HttpRequest& request, const HttpSink& sink, const CancelToken& cancel) {
  try {
    return run(request, sink, cancel);
  } catch (const std::bad_alloc&) {
    return Error{Code::internal, "no memory for a transfer"};
  }
}

Result<HttpResponse> http_get(const HttpRequest& request, const CancelToken& cancel) {
  HttpResponse response;
  const HttpSink sink{
      .on_head = [](const HttpHead&) { return Status(); },
      .on_bytes =
          [&response](std::span<const std::byte> bytes) {
            response.body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return Status();
          },
  };
  auto head = http_get(request, sink, cancel);
  if (!head) return std::move(head).error();
  response.head = std::move(*head);
  return response;
}

}  // namespace osprey::fetch
