#include "client/connection.hpp"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

namespace osprey::client {
namespace {

bool append_header(std::unique_ptr<curl_slist, void (*)(curl_slist*)>& list, const std::string& line) {
  curl_slist* grown = curl_slist_append(list.get(), line.c_str());
  if (grown == nullptr) return false;
  (void)list.release();
  list.reset(grown);
  return true;
}

AttemptError no_memory() {
  return {{.kind = ErrorKind::invalid_argument, .message = "no memory for a transfer"}};
}

AttemptError broken(const Options& options, const char* what, CURLcode code) {
  return {{.kind = ErrorKind::unreachable,
           .message = std::string(what) + " " + options.url + " (" + curl_easy_strerror(code) + ")"},
          true};
}

AttemptError failure_of(CURLcode code, const Options& options) {
  switch (code) {
    case CURLE_OUT_OF_MEMORY: return no_memory();
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: {
      auto error = broken(options, "no trusted connection to", code);
      error.retryable = false;
      return error;
    }
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE: return broken(options, "the connection broke:", code);
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
    case CURLE_OPERATION_TIMEDOUT:  // of connecting: the call's own time is not curl's matter
      return broken(options, "no connection to", code);
    default: {
      return {{.kind = ErrorKind::bad_answer,
               .message = options.url + " does not answer as an HTTP server does (" + curl_easy_strerror(code) + ")"}};
    }
  }
}

}  // namespace

/// What the callbacks write.
struct Connection::Received {
  HttpAnswer& answer;
  const std::size_t max_bytes;
  bool too_large = false;

  static std::size_t take(char* data, std::size_t size, std::size_t count, void* context) {
    auto& received = *static_cast<Received*>(context);
    const std::size_t length = size * count;
    if (received.answer.body.size() + length > received.max_bytes) {
      received.too_large = true;
      return 0;
    }
    try {
      received.answer.body.append(data, length);
    } catch (const std::bad_alloc&) {
      return 0;
    }
    return length;
  }
};

std::unique_ptr<Connection> Connection::create(const Options& options) {
  // libcurl's global set-up is not thread-safe in every build of it, and cheap to repeat.
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  std::unique_ptr<Connection> connection(new Connection(options));
  return connection->set_up() ? std::move(connection) : nullptr;
}

bool Connection::set_up() {
  multi_.reset(curl_multi_init());
  easy_.reset(curl_easy_init());
  if (!multi_ || !easy_) return false;

  std::unique_ptr<curl_slist, void (*)(curl_slist*)> get(nullptr, curl_slist_free_all);
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> post(nullptr, curl_slist_free_all);
  // Without the second one curl waits for a "100 Continue" before it sends a large body.
  if (!append_header(post, "Content-Type: application/json") || !append_header(post, "Expect:")) return false;
  if (!append_header(get, "Accept: application/json")) return false;
  if (!options_.api_key.empty()) {
    const std::string key = "Authorization: Bearer " + options_.api_key;
    if (!append_header(post, key) || !append_header(get, key)) return false;
  }
  get_headers_.reset(get.release());
  post_headers_.reset(post.release());

  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options_.verify_tls ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options_.verify_tls ? 2L : 0L);
  if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Received::take);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 18U);
  return true;
}

std::variant<HttpAnswer, AttemptError> Connection::perform(const HttpCall& call, TimePoint end,
                                                           const std::stop_token& stop) {
  HttpAnswer answer;
  Received received{answer, options_.max_answer_bytes};
  CURL* const easy = easy_.get();
  const std::string url = options_.url + std::string(call.target);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received);
  if (call.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.data());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post_headers_.get());
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, get_headers_.get());
  }
  if (auto failure = transfer(received, end, stop)) return std::move(*failure);

  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  if (retry_after > 0) answer.retry_after = std::chrono::seconds(std::min<curl_off_t>(retry_after, 86'400));
  const char* location = nullptr;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
  if (location != nullptr) {
    return AttemptError{{.kind = ErrorKind::bad_answer,
                         .message = options_.url + " answers from " + location + ": use that URL",
                         .http_status = answer.status}};
  }
  return answer;
}

std::optional<AttemptError> Connection::transfer(const Received& received, TimePoint end, const std::stop_token& stop) {
  constexpr int kLongestPoll = 60'000;  // milliseconds; what ends a wait sooner wakes it
  CURLM* const multi = multi_.get();
  if (curl_multi_add_handle(multi, easy_.get()) != CURLM_OK) return no_memory();
  const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
  std::optional<AttemptError> failure;
  for (int running = 1; running > 0 && !failure;) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) failure = no_memory();
    if (running == 0 || failure) break;
    if (stop.stop_requested()) {
      failure = AttemptError{{.kind = ErrorKind::cancelled, .message = "cancelled"}};
      break;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) {
      failure = AttemptError{{.kind = ErrorKind::timeout,
                              .message = "no answer from " + options_.url + " within " +
                                         std::to_string(options_.timeout.count()) + " ms"}};
      break;
    }
    curl_multi_poll(multi, nullptr, 0, static_cast<int>(std::min<std::int64_t>(left, kLongestPoll)), nullptr);
  }
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &queued)) {
    if (message->msg != CURLMSG_DONE || failure) continue;
    if (received.too_large) {
      failure = AttemptError{
          {.kind = ErrorKind::bad_answer,
           .message = "the answer has more than the " + std::to_string(received.max_bytes) + " bytes that are taken"}};
    } else if (message->data.result != CURLE_OK) {
      failure = failure_of(message->data.result, options_);
    }
  }
  curl_multi_remove_handle(multi, easy_.get());
  return failure;
}

std::optional<Error> check_url(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  const auto refused = [&](const char* why) {
    return Error{.kind = ErrorKind::invalid_argument, .message = "'" + url + "' " + why};
  };
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      !(url.starts_with("http://") || url.starts_with("https://"))) {
    return refused("is no URL of a server; one is http://localhost:9001");
  }
  char* text = nullptr;
  for (const auto part : {CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    const bool present = curl_url_get(parsed.get(), part, &text, 0) == CURLUE_OK;
    if (present) curl_free(text);
    if (present) return refused("has more than a server's address; one is http://localhost:9001");
  }
  return std::nullopt;
}

}  // namespace osprey::client
