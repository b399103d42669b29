#include "client/connections.hpp"

#include <string>
#include <utility>
#include <variant>

#include "client/retry.hpp"

namespace osprey::client {
namespace {

bool is_overload(int status) {
  return status == 429 || status == 503;
}

}  // namespace

/// A connection while a call has it.
class Connections::Lease {
 public:
  Lease(Connections& owner, std::unique_ptr<Connection> connection)
      : owner_(owner), connection_(std::move(connection)) {}
  ~Lease() {
    if (connection_) owner_.give_back(std::move(connection_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  explicit operator bool() const { return connection_ != nullptr; }
  Connection* operator->() { return connection_.get(); }

 private:
  Connections& owner_;
  std::unique_ptr<Connection> connection_;
};

Connections::Connections(const Options& options) : options_(options), random_(std::random_device()()) {}

Result<HttpAnswer> Connections::call(const HttpCall& call, const Retries& retries, const std::stop_token& stop) {
  // The caller's token and this object's own, as one.
  std::stop_source either;
  const auto request_stop = [&either] { either.request_stop(); };
  const std::stop_callback by_caller(stop, request_stop);
  const std::stop_callback by_owner(stop_.get_token(), request_stop);
  const auto token = either.get_token();

  const auto now = std::chrono::steady_clock::now();
  const TimePoint end = options_.timeout.count() > 0 ? now + options_.timeout : TimePoint::max();
  Lease connection(*this, take(end, token));
  if (!connection) return interrupted(token);
  for (int attempts = 1;; ++attempts) {
    auto outcome = connection->perform(call, end, token);
    auto* const answer = std::get_if<HttpAnswer>(&outcome);
    auto* const failure = std::get_if<AttemptError>(&outcome);
    if (answer != nullptr ? !is_overload(answer->status) : !failure->retryable) {
      if (answer != nullptr) return std::move(*answer);
      return std::move(failure->error);
    }
    std::chrono::milliseconds retry_after{0};
    if (answer != nullptr && answer->retry_after) retry_after = *answer->retry_after;
    const auto pause = pause_before_retry(retries, attempts, retry_after, random_share());
    const bool in_time = pause && (end == TimePoint::max() || std::chrono::steady_clock::now() + *pause < end);
    if (!in_time) {
      if (answer != nullptr) return std::move(*answer);
      return std::move(failure->error);
    }
    if (!wait(*pause, token)) return interrupted(token);
  }
}

std::unique_ptr<Connection> Connections::take(TimePoint end, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_free = [this] { return in_use_ < options_.max_connections; };
  // Not until TimePoint::max(), which overflows on its way to the system's clock.
  const bool got =
      end == TimePoint::max() ? freed_.wait(lock, stop, is_free) : freed_.wait_until(lock, stop, end, is_free);
  if (!got || stop.stop_requested()) return nullptr;
  ++in_use_;
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  lock.unlock();
  auto connection = Connection::create(options_);
  if (connection) return connection;
  lock.lock();
  --in_use_;
  return nullptr;
}

void Connections::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
    --in_use_;
  }
  freed_.notify_one();
}

bool Connections::wait(std::chrono::milliseconds pause, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  (void)pausing_.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

Error Connections::interrupted(const std::stop_token& stop) const {
  if (stop.stop_requested()) return {.kind = ErrorKind::cancelled, .message = "cancelled"};
  return {.kind = ErrorKind::timeout,
          .message = "no connection was free within " + std::to_string(options_.timeout.count()) + " ms"};
}

double Connections::random_share() {
  const std::lock_guard lock(mutex_);
  return std::uniform_real_distribution<double>(0, 1)(random_);
}

}  // namespace osprey::client
