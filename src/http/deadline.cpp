#include "http/deadline.hpp"

namespace osprey::http {

void Deadline::set(std::chrono::milliseconds from_now) {
  expired_ = false;
  due_ = Clock::now() + from_now;
  if (due_ < timer_due_) start_timer();
}

void Deadline::clear() {
  expired_ = false;
  due_ = Clock::time_point::max();
}

void Deadline::stop() {
  clear();
  timer_due_ = Clock::time_point::max();
  timer_.cancel();
}

void Deadline::start_timer() {
  timer_due_ = due_;
  timer_.expires_at(due_);
  timer_.async_wait([this, owner = owner_.lock()](const boost::system::error_code& error) {
    if (error || timer_due_ == Clock::time_point::max()) return;  // replaced by another, or stopped
    timer_due_ = Clock::time_point::max();
    if (due_ == Clock::time_point::max()) return;
    if (Clock::now() < due_) return start_timer();
    expired_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  });
}

}  // namespace osprey::http
