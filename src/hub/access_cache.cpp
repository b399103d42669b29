#include "hub/access_cache.hpp"

#include <utility>

#include "hub/digest.hpp"

namespace osprey::hub {
namespace {

constexpr std::size_t kMostKnown = 10'000;

}  // namespace

AccessCache::AccessCache(std::chrono::seconds believed_for, std::shared_ptr<const Clock> clock)
    : believed_for_(believed_for), clock_(std::move(clock)) {}

std::string AccessCache::name(std::string_view model_id, std::string_view key) {
  return sha256(key) + ' ' + std::string(model_id);
}

bool AccessCache::may_use(std::string_view model_id, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto found = until_.find(name(model_id, key));
  return found != until_.end() && clock_->now() < found->second;
}

void AccessCache::learn(std::string_view model_id, std::string_view key) {
  const auto now = clock_->now();
  const std::lock_guard lock(mutex_);
  if (until_.size() >= kMostKnown) std::erase_if(until_, [&](const auto& entry) { return entry.second <= now; });
  if (until_.size() >= kMostKnown) until_.clear();
  until_[name(model_id, key)] = now + believed_for_;
}

void AccessCache::forget(std::string_view model_id, std::string_view key) {
  const std::lock_guard lock(mutex_);
  until_.erase(name(model_id, key));
}

}  // namespace osprey::hub
