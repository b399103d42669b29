// When a call is tried again. Private to the room.
#pragma once

#include <chrono>
#include <optional>

#include <osprey/client/options.hpp>

namespace osprey::client {

/// The pause before the next attempt, or none: then the call fails as it did. `failed`: attempts made so far (at least
/// 1). `retry_after`: what the server asked for; 0: nothing. `share`: a random number of 0 to 1.
[[nodiscard]] inline std::optional<std::chrono::milliseconds> pause_before_retry(const Retries& retries, int failed,
                                                                                 std::chrono::milliseconds retry_after,
                                                                                 double share) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  if (failed >= retries.attempts) return std::nullopt;
  if (retry_after > retries.longest_retry_after) return std::nullopt;
  Milliseconds pause(retries.first_pause);
  for (int i = 1; i < failed && pause < retries.longest_pause; ++i) pause *= 2;
  if (pause > retries.longest_pause) pause = retries.longest_pause;
  pause *= 1 - retries.jitter * share;
  if (retry_after > pause) pause = Milliseconds(retry_after) * (1 + retries.jitter * share);
  return std::chrono::ceil<std::chrono::milliseconds>(pause);
}

}  // namespace osprey::client
