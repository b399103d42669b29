// Calls to the registry: addresses, headers, retries, and what a failure means.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "fetch/http_client.hpp"
#include "hub/hub.hpp"
#include "hub/newer_protocol.hpp"
#include "hub/older_protocol.hpp"

namespace osprey::hub {

/// Counted by client and downloads; for metrics.
struct CallCounts {
  std::atomic<std::uint64_t> lookups{0};
  std::atomic<std::uint64_t> failed_calls{0};
  std::atomic<std::uint64_t> files_downloaded{0};
  std::atomic<std::uint64_t> bytes_downloaded{0};
};

/// All pages of a model's packages.
struct Offer {
  ModelType type;
  Recommended recommended;
  std::vector<RemotePackage> packages;
};

/// How long to wait before try number `tries_made` + 1: doubled each time from `first`, at most 30 s, times
/// 0.5 + `chance` / 2 for a chance of 0..1, so that many clients do not come back at one moment.
[[nodiscard]] std::chrono::milliseconds retry_pause(int tries_made, std::chrono::milliseconds first, double chance);

/// Waits; false when it was cancelled meanwhile.
[[nodiscard]] bool pause_for(std::chrono::milliseconds time, const CancelToken& cancel);

/// A random number in 0..1. Thread-safe.
[[nodiscard]] double random_chance();

/// Thread-safe. Keys: empty for none.
class RegistryClient {
 public:
  /// `options` and `counts` outlive it.
  RegistryClient(const HubOptions& options, CallCounts& counts, Log log);

  /// What a model is. Errors as the reference maps them: unauthenticated, payment_required, permission_denied,
  /// not_found, locked; upstream_failed, unavailable, upstream_timeout; internal (an answer that lacks fields).
  [[nodiscard]] Result<ModelType> stat(std::string_view model_id, const std::string& key,
                                       const CancelToken& cancel) const;

  /// A model's packages, from at most ten pages. Errors: the first five of stat(), internal for all others.
  [[nodiscard]] Result<Offer> weights(std::string_view model_id, const std::string& key,
                                      const CancelToken& cancel) const;

  /// A model by the older protocol. Errors: those of stat().
  [[nodiscard]] Result<OlderModel> older(std::string_view model_id, const std::string& key,
                                         const CancelToken& cancel) const;

  /// A small file that an answer of the registry names. Errors: internal, cancelled.
  [[nodiscard]] Result<std::string> small_file(const std::string& url, const std::string& name,
                                               const CancelToken& cancel) const;

  /// The address by which a URL is reached: itself, or through the gateway.
  [[nodiscard]] std::string reached_by(const std::string& url) const;

 private:
  struct Call;
  [[nodiscard]] Result<std::string> get(const Call& call, const CancelToken& cancel) const;
  [[nodiscard]] std::vector<fetch::HttpHeader> headers(const std::string& key) const;

  const HubOptions& options_;
  CallCounts& counts_;
  Log log_;
};

}  // namespace osprey::hub
