// Files on their way: seen by metrics, by those who wait, and in the log.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "hub/hub.hpp"

namespace osprey::hub {

/// All files on their way. Thread-safe.
class RunningDownloads {
 public:
  [[nodiscard]] std::vector<DownloadProgress> list() const;

 private:
  friend class DownloadReport;
  mutable std::mutex mutex_;
  std::list<DownloadProgress> running_;
};

/// Reports one file, from its making to its end. Used by one thread.
class DownloadReport {
 public:
  using OnProgress = std::function<void(const DownloadProgress&)>;

  /// `on_progress` may be empty.
  DownloadReport(std::string model_id, std::string file, OnProgress on_progress, RunningDownloads& all, Log log);
  ~DownloadReport();
  DownloadReport(const DownloadReport&) = delete;
  DownloadReport& operator=(const DownloadReport&) = delete;

  /// `total`: 0 when it is not known. Told on at most ten times a second, and in the log every five seconds.
  void update(std::uint64_t received, std::uint64_t total);
  /// The file is there.
  void finish();

 private:
  void tell();

  OnProgress on_progress_;
  RunningDownloads& all_;
  Log log_;
  std::list<DownloadProgress>::iterator entry_;  // of all_, written under its mutex
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point told_ = began_;
  std::chrono::steady_clock::time_point logged_ = began_;
};

}  // namespace osprey::hub
