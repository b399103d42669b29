#include "http/exchange.hpp"

#include <utility>

namespace osprey::http {

Responder Exchange::responder(std::shared_ptr<Exchange> exchange) {
  return Responder([exchange = std::move(exchange)](Response response) { exchange->answer(std::move(response)); });
}

std::optional<Response> Exchange::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(response_, std::nullopt);
}

void Exchange::wake_with(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  if (answered_) {
    wake();
  } else {
    wake_ = std::move(wake);
  }
}

std::optional<Response> Exchange::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wake_ = nullptr;
  return std::exchange(response_, std::nullopt);
}

void Exchange::answer(Response response) {
  // Under the lock, so that after close() nobody touches what `wake` refers to.
  const std::lock_guard lock(mutex_);
  if (closed_ || answered_) return;
  answered_ = true;
  response_ = std::move(response);
  if (wake_) wake_();
}

}  // namespace osprey::http
