#include "service/tensor_pool.hpp"

#include <algorithm>
#include <iterator>

namespace osprey::service {

PooledTensor::~PooledTensor() {
  if (pool_ != nullptr) pool_->give_back(std::move(values_));
}

PooledTensor TensorPool::take(std::size_t size) {
  std::vector<float> buffer;
  {
    const std::lock_guard lock(mutex_);
    ++lent_;
    const auto found =
        std::find_if(idle_.rbegin(), idle_.rend(), [size](const auto& idle) { return idle.size() == size; });
    if (found != idle_.rend()) {
      buffer = std::move(*found);
      idle_.erase(std::next(found).base());
    }
  }
  PooledTensor tensor(*this, std::move(buffer));  // is given back also when there is no memory
  if (tensor.values_.size() != size) tensor.values_.resize(size);
  return tensor;
}

void TensorPool::give_back(std::vector<float> buffer) {
  std::vector<float> dropped;  // freed after the lock
  const std::lock_guard lock(mutex_);
  --lent_;
  if (buffer.empty()) return;
  idle_.push_back(std::move(buffer));
  if (lent_ + idle_.size() <= capacity_) return;
  dropped = std::move(idle_.front());
  idle_.pop_front();
}

std::size_t TensorPool::idle() const {
  const std::lock_guard lock(mutex_);
  return idle_.size();
}

}  // namespace osprey::service
