// Tells those who work for a request that nobody waits for it any more.
#pragma once

#include <atomic>
#include <memory>

namespace osprey {

/// Copies share one flag, which can only be set. Thread-safe.
class CancelToken {
 public:
  void cancel() { flag_->store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const { return flag_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace osprey
