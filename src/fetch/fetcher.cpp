#include "fetch/fetcher.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "fetch/transfer.hpp"

namespace osprey::fetch {
namespace {

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// How soon it is seen that nobody waits for a transfer, and that one has waited too long for its turn.
constexpr int kLookMs = 100;
/// While there is nothing to do; start() and stop() wake the thread.
constexpr int kRestMs = 60'000;
/// Connections that stay open for the next image from there.
constexpr long kIdleConnections = 16;

}  // namespace

/// Transfers wait in `waiting_` under the mutex; from then on they are the thread's own.
class Fetcher::Loop {
 public:
  explicit Loop(FetchOptions options)
      : options_(std::move(options)), budget_(std::make_shared<ByteBudget>(options_.max_held_bytes)) {}

  void start(std::string url, std::function<bool()> abandoned, Done done) {
    auto transfer =
        std::make_unique<Transfer>(options_, budget_, std::move(url), std::move(abandoned), std::move(done));
    if (auto taken = take(transfer); !taken) transfer->answer(std::move(taken).error());
  }

  void stop() {
    std::jthread thread;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      thread = std::move(thread_);
    }
    if (thread.joinable()) {
      thread.request_stop();
      curl_multi_wakeup(multi_.get());
    }
  }

 private:
  using Transfers = std::list<std::unique_ptr<Transfer>>;

  /// Leaves `transfer` where it is when it is refused.
  Status take(std::unique_ptr<Transfer>& transfer) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Error{Code::unavailable, "the server is stopping"};
    if (waiting_.size() >= options_.max_waiting) {
      return Error{Code::overloaded, "too many images are being fetched by URL; try again later"};
    }
    if (!multi_) {
      initialize_curl();
      multi_.reset(curl_multi_init());
      if (!multi_) return Error{Code::internal, "no memory for a transfer"};
      curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kIdleConnections);
    }
    if (!thread_.joinable()) {
      thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    waiting_.push_back(std::move(transfer));
    curl_multi_wakeup(multi_.get());
    return {};
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      begin_waiting();
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      finish_ended();
      curl_multi_poll(multi_.get(), nullptr, 0, rest_ms(), nullptr);
    }
    end_all();
  }

  /// How long there is nothing to do for the thread, unless the network has something.
  int rest_ms() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return active_.empty() ? kRestMs : kLookMs;
    return active_.size() < options_.max_transfers ? 0 : kLookMs;
  }

  void begin_waiting() {
    for (auto& transfer : take_waiting()) {
      if (auto prepared = prepare(*transfer); !prepared) {
        transfer->answer(std::move(prepared).error());
      } else {
        active_.push_back(std::move(transfer));
      }
    }
  }

  /// Those whose turn it is, and those that wait in vain.
  std::deque<std::unique_ptr<Transfer>> take_waiting() {
    std::deque<std::unique_ptr<Transfer>> taken;
    const std::lock_guard lock(mutex_);
    for (auto& transfer : waiting_) {
      const bool in_vain = transfer->late() || transfer->abandoned();
      if (in_vain || active_.size() + taken.size() < options_.max_transfers) taken.push_back(std::move(transfer));
    }
    std::erase(waiting_, nullptr);
    return taken;
  }

  Status prepare(Transfer& transfer) {
    if (transfer.abandoned()) return Error{Code::cancelled, "the client has left"};
    if (auto prepared = transfer.prepare(); !prepared) return prepared;
    if (curl_multi_add_handle(multi_.get(), transfer.handle()) != CURLM_OK) {
      return Error{Code::internal, "no memory for a transfer"};
    }
    return {};
  }

  void finish_ended() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;  // the message goes with its handle
      CURL* handle = message->easy_handle;
      const auto at =
          std::find_if(active_.begin(), active_.end(), [&](const auto& one) { return one->handle() == handle; });
      curl_multi_remove_handle(multi_.get(), handle);
      if (at == active_.end()) continue;
      auto result = (*at)->ended(code);
      if (!result) {
        auto prepared = prepare(**at);
        if (prepared) continue;
        result = std::move(prepared).error();
      }
      (*at)->answer(*std::move(result));
      active_.erase(at);
    }
  }

  void end_all() {
    Transfers all;
    {
      const std::lock_guard lock(mutex_);
      std::move(waiting_.begin(), waiting_.end(), std::back_inserter(all));
      waiting_.clear();
    }
    for (const auto& transfer : active_) curl_multi_remove_handle(multi_.get(), transfer->handle());
    all.splice(all.end(), active_);
    for (const auto& transfer : all) transfer->answer(Error{Code::unavailable, "the server is stopping"});
  }

  const FetchOptions options_;
  const std::shared_ptr<ByteBudget> budget_;
  std::mutex mutex_;
  std::deque<std::unique_ptr<Transfer>> waiting_;  // guarded by mutex_
  bool stopped_ = false;                           // guarded by mutex_
  // Made under mutex_ before the thread; from then on the thread's, but for curl_multi_wakeup().
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  Transfers active_;  // the thread's
  std::jthread thread_;
};

Fetcher::Fetcher(FetchOptions options) : loop_(std::make_unique<Loop>(std::move(options))) {}

Fetcher::~Fetcher() {
  stop();
}

void Fetcher::start(std::string url, std::function<bool()> abandoned, Done done) {
  loop_->start(std::move(url), std::move(abandoned), std::move(done));
}

void Fetcher::stop() {
  loop_->stop();
}

}  // namespace osprey::fetch
