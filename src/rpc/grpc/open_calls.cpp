#include "rpc/grpc/open_calls.hpp"

#include <utility>

namespace osprey::rpc {

Status OpenCalls::enter(const std::shared_ptr<Call>& call, const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (closed_) return Error{Code::unavailable, "the server is stopping"};
  if (entries_.size() >= limit_) {
    return Error{Code::overloaded, "the server has " + std::to_string(limit_) + " calls open, its limit; try again"};
  }
  auto& count = by_address_[address];
  if (count >= limit_per_address_) {
    return Error{Code::overloaded, "this address has " + std::to_string(limit_per_address_) +
                                       " calls open, the limit for one; try again"};
  }
  entries_.emplace(call.get(), Entry{call, address});
  ++count;
  return {};
}

void OpenCalls::leave(const Call* call) noexcept {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(call);
  const auto count = by_address_.find(entry->second.address);
  if (--count->second == 0) by_address_.erase(count);
  entries_.erase(entry);
}

void OpenCalls::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

bool OpenCalls::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::vector<std::shared_ptr<Call>> OpenCalls::all() const {
  std::vector<std::shared_ptr<Call>> calls;  // outlives the lock: the last one to hold a call calls leave()
  const std::lock_guard lock(mutex_);
  calls.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) {
    if (auto call = entry.call.lock()) calls.push_back(std::move(call));
  }
  return calls;
}

std::size_t OpenCalls::count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::string address_of(const std::string& peer) {
  const auto port = peer.rfind(':');
  return port == std::string::npos ? peer : peer.substr(0, port);
}

}  // namespace osprey::rpc
