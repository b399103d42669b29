#include "hub/flight.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace osprey::hub {

namespace {

Error given_up() {
  return {Code::cancelled, "the wait for the model was cancelled"};
}

}  // namespace

Flight::Flight(Work work) {
  thread_ = std::jthread([this, work = std::move(work)] {
    auto result = [&]() -> Result<Landed> {
      try {
        return work(cancel_, [this](const DownloadProgress& progress) { tell(progress); });
      } catch (const std::exception& failure) {  // no memory; a listener's
        return Error{Code::internal, std::string("a download failed: ") + failure.what()};
      }
    }();
    const std::lock_guard lock(mutex_);
    // What nobody waits for must not be held.
    result_ = waiters_ > 0 ? std::move(result) : Result<Landed>(given_up());
    end_.notify_all();
  });
}

Flight::~Flight() {
  cancel_.cancel();
}

bool Flight::join() {
  const std::lock_guard lock(mutex_);
  if (waiters_ == 0 && !result_) return false;
  ++waiters_;
  return true;
}

Result<Landed> Flight::wait(const CancelToken& cancel, const OnProgress& on_progress) {
  std::unique_lock lock(mutex_);
  const int listener = next_listener_++;
  if (on_progress) listeners_[listener] = &on_progress;
  // A token tells nobody that it is set, so it is looked at.
  while (!result_ && !cancel.cancelled()) end_.wait_for(lock, std::chrono::milliseconds(50));
  listeners_.erase(listener);
  --waiters_;
  if (result_) return *result_;
  if (waiters_ == 0) cancel_.cancel();
  return given_up();
}

bool Flight::ended() const {
  const std::lock_guard lock(mutex_);
  return result_.has_value();
}

void Flight::tell(const DownloadProgress& progress) {
  const std::lock_guard lock(mutex_);  // so that nobody is called who has gone
  for (const auto& [id, listener] : listeners_) (*listener)(progress);
}

}  // namespace osprey::hub
