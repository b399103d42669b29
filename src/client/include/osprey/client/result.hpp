// Result<T> and Error: how the client reports failure. It throws nothing but std::bad_alloc.
#pragma once

#include <cassert>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <osprey/client/export.hpp>

namespace osprey::client {

/// What the caller can do about a failure.
enum class ErrorKind {
  invalid_argument,  ///< an option, or an image that cannot be read or sent; nothing was asked of the server
  unreachable,       ///< no connection: nothing listens there, the name is unknown, its certificate is not trusted
  timeout,           ///< no answer within Options::timeout
  unauthorized,      ///< the key is missing, wrong or may not do this (401, 402, 403)
  not_found,         ///< no such model or route (404)
  rejected,          ///< the server takes the request for wrong (any other 4xx): the same one will fail again
  overloaded,        ///< no capacity now, even after the retries (429, 503): try later
  server_failed,     ///< a fault of the server or the model (any other 5xx)
  bad_answer,        ///< the answer is not what an inference server says: is the URL right?
  cancelled,         ///< by the caller's stop token, or the client's end
};

/// The name of a kind, as written above.
[[nodiscard]] OSPREY_CLIENT_API std::string_view to_string(ErrorKind kind);

/// A failure, with a sentence for a person.
struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::bad_answer;
  std::string message;
  int http_status = 0;                                        ///< of the last answer; 0: there was none
  std::optional<std::chrono::milliseconds> retry_after = {};  ///< what the server asked to wait, where it did
};

/// A value or an Error; shaped like std::expected<T, Error>.
template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return Error{...};` both read naturally.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  /// Requires has_value().
  [[nodiscard]] T& value() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    assert(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Requires !has_value().
  [[nodiscard]] const Error& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace osprey::client
