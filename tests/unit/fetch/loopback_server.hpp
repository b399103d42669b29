// An HTTP server of a test's own on loopback, which answers, cuts off or keeps silent as it is told.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace osprey::testing {

struct LoopbackRequest {
  std::string target;                          ///< as sent
  std::string path;                            ///< without the query
  std::map<std::string, std::string> query;    ///< decoded
  std::map<std::string, std::string> headers;  ///< names in lower case
};

struct LoopbackAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::optional<std::size_t> cut_after{};  ///< the connection ends behind so many bytes of the body
  bool silent = false;                     ///< nothing comes, until the client leaves or the server ends
  bool tells_length = true;
  bool ranges = false;                 ///< "Range: bytes=N-" is honoured
  std::chrono::milliseconds pause{0};  ///< before each KiB of the body
};

class LoopbackServer {
 public:
  using Handler = std::function<LoopbackAnswer(const LoopbackRequest&)>;

  /// The handler is called on many threads.
  explicit LoopbackServer(Handler handler);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  /// "http://127.0.0.1:PORT"
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int hits(const std::string& path) const;
  [[nodiscard]] std::vector<LoopbackRequest> requests() const;

 private:
  void serve(int peer);
  void answer(int peer, const LoopbackRequest& request);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<LoopbackRequest> requests_;
  std::list<std::jthread> peers_;
  std::jthread accepting_;
};

}  // namespace osprey::testing
