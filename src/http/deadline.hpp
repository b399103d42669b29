// A limit on the time of whatever a connection waits for on its socket.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>

namespace osprey::http {

/// The executor of one I/O thread: what runs on it never runs at the same time.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

/// When it passes, the socket's pending operations end with operation_aborted and expired() is true. To be used on the
/// socket's thread only. Moving the deadline further away costs no timer operation: the timer that is under way looks
/// at the deadline when it fires, and goes on to it.
class Deadline {
 public:
  explicit Deadline(Socket& socket) : socket_(socket), timer_(socket.get_executor()) {}

  /// Names who has to stay alive while a timer is under way: the owner of this object and of the socket.
  void bind(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

  void set(std::chrono::milliseconds from_now);
  void clear();
  [[nodiscard]] bool expired() const { return expired_; }

  /// Ends the timer, so that the owner can go.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  void start_timer();

  Socket& socket_;
  Timer timer_;
  std::weak_ptr<void> owner_;
  Clock::time_point due_ = Clock::time_point::max();
  Clock::time_point timer_due_ = Clock::time_point::max();  ///< max: none is under way
  bool expired_ = false;
};

}  // namespace osprey::http
