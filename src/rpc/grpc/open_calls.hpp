// The calls that are open: how many there may be, and which wait for their client.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"

namespace osprey::rpc {

class Call;

/// Holds none of them. Thread-safe.
class OpenCalls {
 public:
  OpenCalls(std::size_t limit, std::size_t limit_per_address) : limit_(limit), limit_per_address_(limit_per_address) {}

  /// Counts one more. Errors: overloaded (as many as there may be), unavailable (no more are taken).
  [[nodiscard]] Status enter(const std::shared_ptr<Call>& call, const std::string& address);
  /// Requires an enter() that succeeded.
  void leave(const Call* call) noexcept;

  /// No more are taken from now on.
  void close();
  [[nodiscard]] bool closed() const;

  [[nodiscard]] std::vector<std::shared_ptr<Call>> all() const;
  [[nodiscard]] std::size_t count() const;

 private:
  struct Entry {
    std::weak_ptr<Call> call;
    std::string address;
  };
  const std::size_t limit_;
  const std::size_t limit_per_address_;
  mutable std::mutex mutex_;  // guards what follows
  bool closed_ = false;
  std::unordered_map<const Call*, Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_address_;
};

/// The address of a peer as gRPC names it, without the port: "ipv4:127.0.0.1:1234" is of "ipv4:127.0.0.1".
[[nodiscard]] std::string address_of(const std::string& peer);

}  // namespace osprey::rpc
