// Loads that failed a short while ago, so that a broken model is not read and compiled for every request.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "registry/package_stamp.hpp"

namespace osprey::registry {

/// Failures by model id: believed for 1 s, then 2 s and so on to 30 s, and no longer than the package's files stay as
/// they were. Bounded. Not thread-safe.
class LoadFailures {
 public:
  /// The failure of a load of these files, when trying again now is of no use. Forgets that of other files.
  [[nodiscard]] std::optional<Error> recall(std::string_view model_id, const PackageStamp& stamp, TimePoint now);

  void remember(const std::string& model_id, const PackageStamp& stamp, Error error, TimePoint now);
  void forget(std::string_view model_id);

 private:
  struct Failure {
    PackageStamp stamp;
    Error error;
    TimePoint until;
    Duration believed;
  };
  std::map<std::string, Failure, std::less<>> failures_;
};

/// Whether the next try may well succeed though nothing was changed here: such a failure is not to be remembered.
[[nodiscard]] bool is_transient(Code code);

/// Whether a registry's refusal concerns the key that was shown: another key may be answered differently.
[[nodiscard]] bool depends_on_key(Code code);

}  // namespace osprey::registry
