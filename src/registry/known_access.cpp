#include "registry/known_access.hpp"

namespace osprey::registry {
namespace {

constexpr std::size_t kMaxKnown = 10'000;

}  // namespace

bool KnownAccess::allows(std::string_view model_id, std::string_view api_key, TimePoint now) const {
  const auto found = until_.find({std::string(model_id), std::string(api_key)});
  return found != until_.end() && now < found->second;
}

void KnownAccess::note(std::string_view model_id, std::string_view api_key, TimePoint now) {
  if (until_.size() >= kMaxKnown) {
    std::erase_if(until_, [&](const auto& entry) { return entry.second <= now; });
    if (until_.size() >= kMaxKnown) until_.clear();  // asked for again, one by one
  }
  until_[{std::string(model_id), std::string(api_key)}] = now + believed_;
}

}  // namespace osprey::registry
