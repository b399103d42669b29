// One I/O thread and the connections that live on it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "http/address_counts.hpp"
#include "http/cors.hpp"
#include "http/deadline.hpp"
#include "http/server.hpp"

namespace osprey::http {

class Connection;

/// What all connections of a server share; not changed while it runs, but for the counters.
struct Site {
  Limits limits;
  Cors cors;
  Handler handler;
  Log log;
  std::atomic<std::size_t> open{0};      ///< connections within the limit
  std::atomic<std::size_t> refusing{0};  ///< connections over the limit that are told so
  std::atomic<std::size_t> bodies{0};    ///< bytes of bodies that are held
  AddressCounts addresses{};
  std::optional<boost::asio::ssl::context> tls;  ///< none: plain HTTP
};

/// An event loop for one thread. A connection stays on the thread that it was given to, so that nothing of it needs a
/// lock or a strand. All functions but context(), load() and take_slot() are for that thread.
class IoThread {
 public:
  explicit IoThread(Site& site);

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] Site& site() { return site_; }

  /// Runs the loop until begin_drain() was called and the last connection is gone.
  void run();

  /// Has idle connections close, and the others after their present request; gives up after Limits::drain_time.
  void begin_drain();
  [[nodiscard]] bool draining() const { return draining_; }

  void add(Connection& connection);
  void remove(Connection& connection);

  /// How many connections this thread has, or is about to be given. Thread-safe.
  [[nodiscard]] std::size_t load() const { return load_.load(std::memory_order_relaxed); }
  /// Counts a connection that is about to be given to this thread; remove() counts it out. Thread-safe.
  void take_slot() { load_.fetch_add(1, std::memory_order_relaxed); }

  /// Requests that were begun but not answered when drain_time had passed. To be read after run().
  [[nodiscard]] std::size_t given_up() const { return given_up_; }

  /// The time as a Date field has it; made anew once a second.
  [[nodiscard]] std::string_view date();

 private:
  void start_drain_timer();
  void give_up();

  Site& site_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<Executor> work_;
  Timer drain_timer_;
  std::unordered_set<Connection*> connections_;
  std::atomic<std::size_t> load_{0};
  std::size_t given_up_ = 0;
  bool draining_ = false;
  std::time_t date_second_ = -1;
  std::string date_;
};

}  // namespace osprey::http
