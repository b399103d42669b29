#include "server/model_catalog.hpp"

#include <exception>
#include <utility>

namespace osprey::server {

ModelCatalog::ModelCatalog(std::optional<registry::ModelFolder> folder, engine::Engine& engine)
    : folder_(std::move(folder)), engine_(engine) {}

ModelCatalog::~ModelCatalog() = default;  // the jthread is told to stop, and waited for, before the rest goes

void ModelCatalog::read(OnRead on_read) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(on_read));
  if (!reader_.joinable()) reader_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  wake_.notify_one();
}

void ModelCatalog::run(const std::stop_token& stop) {
  while (true) {
    std::vector<OnRead> asked;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      asked.swap(waiting_);
    }
    const auto summaries = look(stop);
    if (stop.stop_requested()) return;
    for (const auto& on_read : asked) on_read(summaries);
  }
}

ModelCatalog::Summaries ModelCatalog::look(const std::stop_token& stop) {
  Summaries summaries;
  std::map<std::string, Known> found;
  for (const auto& id : folder_ ? folder_->list() : std::vector<std::string>()) {
    if (stop.stop_requested()) break;
    const auto path = folder_->find(id);
    if (!path) continue;  // gone since it was listed
    Known known{.stamp = registry::stamp_of(*path), .summary = nullptr};
    const auto before = known_.find(id);
    if (before != known_.end() && before->second.stamp == known.stamp) {
      known.summary = before->second.summary;
    } else {
      registry::ModelSummary summary;
      try {
        summary = registry::summarize(id, *path, engine_);
      } catch (const std::exception& e) {  // such as no memory
        summary.error = Error{Code::internal, e.what()};
      }
      summary.model_id = id;
      known.summary = std::make_shared<const registry::ModelSummary>(std::move(summary));
    }
    summaries.push_back(known.summary);
    found.emplace(id, std::move(known));
  }
  known_.swap(found);
  return summaries;
}

}  // namespace osprey::server
