// One request's answer on its way from any thread to the connection's.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "http/message.hpp"

namespace osprey::http {

/// Takes the answer of one request. Shared by the connection and the Responder, either of which may be gone first.
/// Thread-safe.
class Exchange {
 public:
  /// The Responder that answers this exchange.
  [[nodiscard]] static Responder responder(std::shared_ptr<Exchange> exchange);

  /// The answer, if it has come already.
  [[nodiscard]] std::optional<Response> take();

  /// Has `wake` called once when the answer comes, on the thread that answers; at once if it is there. `wake` must not
  /// call back into this object.
  void wake_with(std::function<void()> wake);

  /// Takes the answer if there is one; from now on nothing is taken and nobody woken.
  [[nodiscard]] std::optional<Response> close();

 private:
  void answer(Response response);

  std::mutex mutex_;
  std::optional<Response> response_;
  std::function<void()> wake_;
  bool answered_ = false;
  bool closed_ = false;
};

}  // namespace osprey::http
