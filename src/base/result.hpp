// Result<T> and Status: how every room reports failure. Exceptions stay inside the room that wraps a throwing library.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace osprey {

/// What the caller can do about a failure; the api room maps each to one HTTP status.
enum class Code {
  invalid_argument,   ///< the caller's input is wrong; the same request will fail again
  unauthenticated,    ///< no key, or one that is not known
  payment_required,   ///< the account that the key belongs to has no credits left
  permission_denied,  ///< a known key that may not do this
  not_found,          ///< no such model, file or route
  unsupported,        ///< understood, but this build or this model cannot do it
  payload_too_large,  ///< over a limit that the message names
  locked,             ///< the account or the model is paused by its owner
  overloaded,         ///< refused at admission; try again later
  deadline_exceeded,  ///< took longer than its limit
  cancelled,          ///< the client left
  unavailable,        ///< something this depends on is away for now
  upstream_failed,    ///< the registry answered, but not with what was asked for
  upstream_timeout,   ///< the registry did not answer in time
  data_corrupted,     ///< stored bytes (package, cache) are not what they should be
  internal,           ///< a fault of this program
};

/// The name of a code, as written above.
[[nodiscard]] std::string_view to_string(Code code);

/// A failure: what can be done about it, and a sentence for a person.
struct [[nodiscard]] Error {
  Code code = Code::internal;
  std::string message;

  /// The same error with `context` put before its message: "context: message".
  [[nodiscard]] Error with_context(std::string_view context) const&;
  [[nodiscard]] Error with_context(std::string_view context) &&;
};

/// A value or an Error; shaped like std::expected<T, Error>. Not thread-safe, like any value.
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

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  [[nodiscard]] bool has_value() const { return !failed_; }
  explicit operator bool() const { return has_value(); }

  /// Requires !has_value().
  [[nodiscard]] const Error& error() const& {
    assert(failed_);
    return error_;
  }
  [[nodiscard]] Error&& error() && {
    assert(failed_);
    return std::move(error_);
  }

 private:
  Error error_;
  bool failed_ = false;
};

using Status = Result<void>;

}  // namespace osprey
