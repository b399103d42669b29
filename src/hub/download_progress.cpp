#include "hub/download_progress.hpp"

#include <utility>

namespace osprey::hub {
namespace {

constexpr std::chrono::milliseconds kTellEvery{100};
constexpr std::chrono::seconds kLogEvery{5};

double megabytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

}  // namespace

std::vector<DownloadProgress> RunningDownloads::list() const {
  const std::lock_guard lock(mutex_);
  return {running_.begin(), running_.end()};
}

DownloadReport::DownloadReport(std::string model_id, std::string file, OnProgress on_progress, RunningDownloads& all,
                               Log log)
    : on_progress_(std::move(on_progress)), all_(all), log_(std::move(log)) {
  const std::lock_guard lock(all_.mutex_);
  entry_ = all_.running_.insert(all_.running_.end(), DownloadProgress{std::move(model_id), std::move(file), 0, 0});
}

DownloadReport::~DownloadReport() {
  const std::lock_guard lock(all_.mutex_);
  all_.running_.erase(entry_);
}

void DownloadReport::update(std::uint64_t received, std::uint64_t total) {
  {
    const std::lock_guard lock(all_.mutex_);
    entry_->received = received;
    entry_->total = total;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ >= kTellEvery) {
    told_ = now;
    tell();
  }
  if (now - logged_ >= kLogEvery) {
    logged_ = now;
    log_->info("model {}: {}: {:.1f} of {:.1f} MB", entry_->model_id, entry_->file, megabytes(received),
               megabytes(total));
  }
}

void DownloadReport::finish() {
  tell();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began_;
  log_->info("model {}: {}: {:.1f} MB in {:.2f} s", entry_->model_id, entry_->file, megabytes(entry_->received),
             seconds.count());
}

void DownloadReport::tell() {
  // Only this thread writes the entry, so that it may be read here without the lock.
  if (on_progress_) on_progress_(*entry_);
}

}  // namespace osprey::hub
