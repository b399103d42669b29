// Which keys the hosted registry lately said may use which models.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"

namespace osprey::registry {

/// A yes is believed for so long; a no is never kept. Bounded. Not thread-safe.
class KnownAccess {
 public:
  explicit KnownAccess(Duration believed) : believed_(believed) {}

  [[nodiscard]] bool allows(std::string_view model_id, std::string_view api_key, TimePoint now) const;
  void note(std::string_view model_id, std::string_view api_key, TimePoint now);

 private:
  using ModelAndKey = std::pair<std::string, std::string>;
  Duration believed_;
  std::map<ModelAndKey, TimePoint> until_;
};

}  // namespace osprey::registry
