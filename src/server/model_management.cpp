#include "server/model_management.hpp"

#include <utility>

namespace osprey::server {

ModelManagement::ModelManagement(registry::OwnModels models)
    : models_(std::move(models)), worker_([this](const std::stop_token& stop) { run(stop); }) {}

ModelManagement::~ModelManagement() = default;

bool ModelManagement::submit(Work work) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() == kMaxWaiting) return false;
  waiting_.push_back(std::move(work));
  wake_.notify_one();
  return true;
}

void ModelManagement::run(const std::stop_token& stop) {
  while (true) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); }) || stop.stop_requested()) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work(models_);
  }
}

}  // namespace osprey::server
