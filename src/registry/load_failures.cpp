#include "registry/load_failures.hpp"

#include <algorithm>
#include <utility>

namespace osprey::registry {
namespace {

constexpr Duration kFirst = std::chrono::seconds(1);
constexpr Duration kLongest = std::chrono::seconds(30);
constexpr std::size_t kMaxFailures = 1000;

}  // namespace

std::optional<Error> LoadFailures::recall(std::string_view model_id, const PackageStamp& stamp, TimePoint now) {
  const auto found = failures_.find(model_id);
  if (found == failures_.end()) return std::nullopt;
  if (found->second.stamp != stamp) {
    failures_.erase(found);
    return std::nullopt;
  }
  if (now >= found->second.until) return std::nullopt;  // kept: the next failure is believed for longer
  return found->second.error;
}

void LoadFailures::remember(const std::string& model_id, const PackageStamp& stamp, Error error, TimePoint now) {
  if (failures_.size() >= kMaxFailures && !failures_.contains(model_id)) {
    failures_.erase(std::min_element(failures_.begin(), failures_.end(),
                                     [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  }
  auto& failure = failures_[model_id];
  const bool again = failure.believed > Duration::zero() && failure.stamp == stamp;
  const Duration believed = again ? std::min(failure.believed * 2, kLongest) : kFirst;
  failure = {stamp, std::move(error), now + believed, believed};
}

void LoadFailures::forget(std::string_view model_id) {
  const auto found = failures_.find(model_id);
  if (found != failures_.end()) failures_.erase(found);
}

bool is_transient(Code code) {
  switch (code) {
    case Code::overloaded:
    case Code::deadline_exceeded:
    case Code::cancelled:
    case Code::unavailable:
    case Code::upstream_failed:
    case Code::upstream_timeout: return true;
    case Code::invalid_argument:
    case Code::unauthenticated:
    case Code::payment_required:
    case Code::permission_denied:
    case Code::not_found:
    case Code::unsupported:
    case Code::payload_too_large:
    case Code::locked:
    case Code::data_corrupted:
    case Code::internal: return false;
  }
  return false;
}

bool depends_on_key(Code code) {
  switch (code) {
    case Code::unauthenticated:
    case Code::payment_required:
    case Code::permission_denied:
    case Code::not_found:
    case Code::locked: return true;
    case Code::invalid_argument:
    case Code::unsupported:
    case Code::payload_too_large:
    case Code::overloaded:
    case Code::deadline_exceeded:
    case Code::cancelled:
    case Code::unavailable:
    case Code::upstream_failed:
    case Code::upstream_timeout:
    case Code::data_corrupted:
    case Code::internal: return false;
  }
  return false;
}

}  // namespace osprey::registry
