// Fetches what URLs point to, many at a time, under limits, from public addresses only unless told otherwise.
//
// Invariants: each start() is answered once; no more than max_transfers are under way; all that was fetched and is
// still held stays within max_held_bytes; a peer that is silent holds up nobody but who asked for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "fetch/fetched_bytes.hpp"
#include "fetch/url.hpp"

namespace osprey::fetch {

struct FetchOptions {
  UrlPolicy policy;
  /// Loopback, private and other special addresses, too. Checked for the address that is connected to, at every
  /// connection, so that neither a name nor a redirect leads elsewhere.
  bool allow_special_addresses = false;
  std::size_t max_bytes = std::size_t{64} << 20;        ///< of one URL
  std::size_t max_held_bytes = std::size_t{512} << 20;  ///< of all, until they are let go
  std::size_t max_transfers = 128;                      ///< at a time; more wait for their turn
  std::size_t max_waiting = 512;                        ///< for their turn; one more is refused at once
  std::chrono::milliseconds time{20'000};               ///< for all of one, redirects and its turn included
  int max_redirects = 5;
};

/// One thread for all transfers, which begins with the first of them. Thread-safe.
class Fetcher {
 public:
  /// Called once, on the fetcher's thread or, for what is refused at once, on that of start(). It must not block.
  using Done = std::function<void(Result<FetchedBytes>)>;

  explicit Fetcher(FetchOptions options);
  /// As stop().
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  /// Gets `url`. `abandoned` is asked now and then, on the fetcher's thread, whether anybody still waits for it.
  /// Errors: invalid_argument with the cause, for all that the one who named the URL can mend: a refused URL or
  /// address, an HTTP error status, no connection, too many redirects, too slow; payload_too_large; overloaded (too
  /// many, or too many bytes held); cancelled; unavailable (stopped).
  void start(std::string url, std::function<bool()> abandoned, Done done);

  /// Answers all that is under way or waits with unavailable, and refuses what comes. Idempotent.
  void stop();

 private:
  class Loop;
  const std::unique_ptr<Loop> loop_;
};

}  // namespace osprey::fetch
