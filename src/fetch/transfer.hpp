// One URL on its way: its libcurl handle, its redirects, what it has brought. Private to the room.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "fetch/curl_handle.hpp"
#include "fetch/fetcher.hpp"

namespace osprey::fetch {

/// To be used by one thread. The handle's callbacks point to it, so it stays where it is.
class Transfer {
 public:
  using Clock = std::chrono::steady_clock;

  /// `options` must outlive it.
  Transfer(const FetchOptions& options, std::shared_ptr<ByteBudget> budget, std::string url,
           std::function<bool()> abandoned, Fetcher::Done done);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Makes the handle ready for the URL, or for where the last answer redirects to. Errors: as Fetcher::start().
  [[nodiscard]] Status prepare();
  /// The handle has ended with `code`. Nothing: it was redirected, prepare() comes next.
  [[nodiscard]] std::optional<Result<FetchedBytes>> ended(CURLcode code);

  /// Answers, once; later calls are ignored.
  void answer(Result<FetchedBytes> result) noexcept;
  [[nodiscard]] bool abandoned() const { return !abandoned_ || abandoned_(); }
  [[nodiscard]] bool late() const { return Clock::now() >= end_; }
  [[nodiscard]] CURL* handle() const { return handle_.get(); }
  [[nodiscard]] Error too_late() const;

 private:
  static std::size_t take_bytes(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int stop_when_abandoned(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  void set_options();
  void make_room();
  [[nodiscard]] Error failure(CURLcode code) const;

  const FetchOptions& options_;
  const Clock::time_point end_;
  std::string url_;
  std::function<bool()> abandoned_;  // null once it is answered
  Fetcher::Done done_;
  FetchedBytes bytes_;
  int redirects_ = 0;
  bool too_large_ = false, no_room_ = false;
  std::optional<std::string> refused_address_;
  CurlHandle handle_;
};

}  // namespace osprey::fetch
