// A server on a free port of this machine, running for as long as the object lives.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "http/server.hpp"
#include "raw_client.hpp"

namespace osprey::http {

class RunningServer {
 public:
  explicit RunningServer(Handler handler, ServerOptions options = {}) {
    options.host = "127.0.0.1";
    options.port = 0;
    auto created = Server::create(std::move(options), std::move(handler), make_null_log());
    if (!created) {
      ADD_FAILURE() << created.error().message;
      std::abort();
    }
    server_ = std::move(created).value();
    result_ = std::async(std::launch::async, [this] { return server_->run(); });
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer() { server_->stop(); }

  [[nodiscard]] RawClient connect() const { return RawClient(server_->port()); }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void stop() { server_->stop(); }
  /// What run() returned; waits for it.
  [[nodiscard]] std::size_t given_up() { return result_.get(); }
  [[nodiscard]] bool has_ended_within(std::chrono::milliseconds time) const {
    return result_.wait_for(time) == std::future_status::ready;
  }
  [[nodiscard]] std::size_t connections() const { return server_->connections(); }

 private:
  std::unique_ptr<Server> server_;
  std::future<std::size_t> result_;
};

/// Answers with what it was asked: "GET /path" and, after a space, the body.
inline void echo(Request request, Responder respond) {
  Response response;
  response.content_type = "text/plain";
  response.body = request.method + " " + request.path;
  if (!request.body.empty()) response.body += " " + request.body;
  respond(std::move(response));
}

/// Waits until `condition` holds, at most ten seconds. Returns whether it does.
template <typename Condition>
[[nodiscard]] bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace osprey::http
