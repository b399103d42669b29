#include "http/io_thread.hpp"

#include <array>
#include <cstdio>
#include <exception>
#include <vector>

#include "http/connection.hpp"

namespace osprey::http {

// The hint 1 says that one thread runs the loop; handing work to it from others stays safe.
IoThread::IoThread(Site& site)
    : site_(site), context_(1), work_(context_.get_executor()), drain_timer_(context_.get_executor()) {}

void IoThread::run() {
  while (true) {
    try {
      context_.run();
      return;
    } catch (const std::exception& exception) {
      // Connections catch their own; what is left is no memory for a posted call. The loop can go on.
      site_.log->error("http: {}", exception.what());
    }
  }
}

void IoThread::begin_drain() {
  draining_ = true;
  work_.reset();
  if (connections_.empty()) return;
  start_drain_timer();
  for (auto* connection : connections_) connection->begin_drain();
}

void IoThread::start_drain_timer() {
  drain_timer_.expires_after(site_.limits.drain_time);
  drain_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) give_up();
  });
}

void IoThread::give_up() {
  for (auto* connection : connections_) given_up_ += connection->give_up() ? 1 : 0;
}

void IoThread::add(Connection& connection) {
  connections_.insert(&connection);
}

void IoThread::remove(Connection& connection) {
  connections_.erase(&connection);
  load_.fetch_sub(1, std::memory_order_relaxed);
  if (draining_ && connections_.empty()) drain_timer_.cancel();
}

std::string_view IoThread::date() {
  const auto now = std::time(nullptr);
  if (now == date_second_) return date_;
  date_second_ = now;
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  // Not strftime: its names depend on the locale.
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  date_ = text.data();
  return date_;
}

}  // namespace osprey::http
