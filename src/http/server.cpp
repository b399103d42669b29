#include "http/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "http/connection.hpp"
#include "http/io_thread.hpp"
#include "http/tls.hpp"

namespace osprey::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// How long accepting pauses when the process has no more file descriptors.
constexpr std::chrono::milliseconds kAcceptPause{50};

/// Connections that are accepted in one turn of the loop: where the others have much to do, a turn takes its time, and
/// one a turn would leave newcomers waiting.
constexpr std::size_t kAcceptedAtOnce = 16;

Result<tcp::endpoint> resolve(asio::io_context& context, const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return tcp::endpoint(address, port);
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    return Error{Code::invalid_argument, "'" + host +
                                             "' is not an address to listen on; choose one with --host, like "
                                             "0.0.0.0 (every interface), 127.0.0.1 (this machine only) or ::"};
  }
  return found.begin()->endpoint();
}

Error listen_error(const error_code& error, const ServerOptions& options) {
  const auto port = "port " + std::to_string(options.port);
  if (error == asio::error::address_in_use) {
    return {Code::unavailable, port + " is already in use on " + options.host + "; choose another with --port"};
  }
  if (error == asio::error::access_denied) {
    return {Code::permission_denied,
            port + " on " + options.host + " needs privileges; choose one from 1024 with --port"};
  }
  if (error == boost::system::errc::address_not_available) {
    return {Code::invalid_argument, options.host + " is not an address of this machine; choose another with --host"};
  }
  return {Code::unavailable, "cannot listen on " + options.host + " " + port + ": " + error.message()};
}

class AsioServer final : public Server {
 public:
  AsioServer(const ServerOptions& options, Handler handler, Log log, std::optional<asio::ssl::context> tls)
      : site_{.limits = options.limits,
              .cors = Cors(options.allow_origins),
              .handler = std::move(handler),
              .log = std::move(log),
              .tls = std::move(tls)} {
    for (int i = 0; i < std::max(1, options.io_threads); ++i) threads_.push_back(std::make_unique<IoThread>(site_));
    acceptor_.emplace(threads_.front()->context().get_executor());
    pause_.emplace(threads_.front()->context().get_executor());
  }

  Status listen(const ServerOptions& options) {
    const auto endpoint = resolve(threads_.front()->context(), options.host, options.port);
    if (!endpoint) return endpoint.error();
    error_code error;
    acceptor_->open(endpoint->protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint->protocol() == tcp::v6()) {
      acceptor_->set_option(asio::ip::v6_only(false), error);  // "::" means IPv4 too
    }
    if (!error) acceptor_->bind(*endpoint, error);
    if (!error) acceptor_->listen(tcp::acceptor::max_listen_connections, error);
    if (!error) acceptor_->non_blocking(true, error);
    if (!error) port_ = acceptor_->local_endpoint(error).port();
    if (error) return listen_error(error, options);
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override { return site_.open.load(std::memory_order_relaxed); }

  std::size_t run() override {
    asio::co_spawn(threads_.front()->context(), accept_connections(), asio::detached);
    {
      std::vector<std::jthread> others;
      for (std::size_t i = 1; i < threads_.size(); ++i) {
        others.emplace_back([thread = threads_[i].get()] { thread->run(); });
      }
      threads_.front()->run();
    }
    return std::accumulate(threads_.begin(), threads_.end(), std::size_t{0},
                           [](std::size_t sum, const auto& thread) { return sum + thread->given_up(); });
  }

  void stop() override {
    if (stopping_.exchange(true)) return;
    asio::post(threads_.front()->context(), [this] {
      // Only after this are no more connections given to the threads, so that none is missed by the draining.
      // The kernel has told these clients that they are connected: what they have sent is answered.
      accept_waiting(static_cast<std::size_t>(tcp::acceptor::max_listen_connections));
      error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
      for (const auto& thread : threads_) {
        asio::post(thread->context(), [raw = thread.get()] { raw->begin_drain(); });
      }
    });
  }

 private:
  Awaitable<void> accept_connections() {
    constexpr auto kTuple = asio::as_tuple(asio::deferred);
    while (!stopping_) {
      auto& thread = least_loaded();
      auto [error, socket] = co_await acceptor_->async_accept(thread.context(), kTuple);
      if (!error) {
        admit(thread, std::move(socket));
        accept_waiting(kAcceptedAtOnce - 1);
      } else if (!stopping_ && error != asio::error::connection_aborted) {
        site_.log->warn("http: cannot accept a connection: {}", error.message());
        pause_->expires_after(kAcceptPause);
        co_await pause_->async_wait(kTuple);
      }
    }
  }

  /// Accepts those that are there already, `most` of them.
  void accept_waiting(std::size_t most) {
    for (std::size_t i = 0; i < most; ++i) {
      auto& thread = least_loaded();
      error_code error;
      auto socket = acceptor_->accept(thread.context(), error);
      if (error) return;
      admit(thread, std::move(socket));
    }
  }

  [[nodiscard]] IoThread& least_loaded() const {
    return **std::min_element(threads_.begin(), threads_.end(),
                              [](const auto& a, const auto& b) { return a->load() < b->load(); });
  }

  void admit(IoThread& thread, Socket socket) {
    thread.take_slot();
    auto connection = std::make_shared<Connection>(thread, std::move(socket));
    bool admitted = site_.open.fetch_add(1, std::memory_order_relaxed) < site_.limits.connections;
    admitted = admitted && site_.addresses.enter(connection->peer(), site_.limits.connections_per_address);
    if (!admitted) site_.open.fetch_sub(1, std::memory_order_relaxed);
    asio::co_spawn(thread.context(),
                   admitted ? Connection::serve(std::move(connection)) : Connection::refuse(std::move(connection)),
                   asio::detached);
  }

  Site site_;
  std::vector<std::unique_ptr<IoThread>> threads_;  ///< the first one accepts, too
  std::optional<asio::basic_socket_acceptor<tcp, Executor>> acceptor_;
  std::optional<Timer> pause_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
};

}  // namespace

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, Handler handler, Log log) {
  try {
    std::optional<asio::ssl::context> tls;
    if (options.tls) {
      auto context = make_tls_context(*options.tls);
      if (!context) return std::move(context).error();
      tls = std::move(context).value();
    }
    auto server = std::make_unique<AsioServer>(options, std::move(handler), std::move(log), std::move(tls));
    if (auto listening = server->listen(options); !listening) return std::move(listening).error();
    return std::unique_ptr<Server>(std::move(server));
  } catch (const std::exception& exception) {
    return Error{Code::internal, std::string("cannot set up the HTTP server: ") + exception.what()};
  }
}

}  // namespace osprey::http
