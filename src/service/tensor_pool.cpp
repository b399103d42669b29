#include "service/tensor_pool.hpp"

#include <utility>

namespace osprey::service {

std::vector<float> TensorPool::take(std::size_t size) {
  {
    const std::lock_guard lock(mutex_);
    auto& buffers = idle_[size];
    if (!buffers.empty()) {
      auto buffer = std::move(buffers.back());
      buffers.pop_back();
      return buffer;
    }
  }
  return std::vector<float>(size);
}

void TensorPool::give_back(std::vector<float> buffer) {
  const std::lock_guard lock(mutex_);
  auto& buffers = idle_[buffer.size()];
  if (buffers.size() < max_idle_) buffers.push_back(std::move(buffer));
}

}  // namespace osprey::service
