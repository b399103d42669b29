// Jobs and runners that write down what happens to them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/scheduler.hpp"

namespace osprey::scheduler {

/// What happened to a job.
struct Fate {
  std::atomic<int> runs{0};
  std::atomic<int> drops{0};
  Error why;
};

class RecordingJob final : public Job {
 public:
  RecordingJob(std::string name, std::shared_ptr<Fate> fate) : name_(std::move(name)), fate_(std::move(fate)) {}

  [[nodiscard]] bool cancelled() const override { return is_cancelled; }
  [[nodiscard]] TimePoint deadline() const override { return expires; }
  void drop(Error why) noexcept override {
    ++fate_->drops;
    fate_->why = std::move(why);
  }
  void finish() { ++fate_->runs; }
  [[nodiscard]] const std::string& name() const { return name_; }

  bool is_cancelled = false;
  TimePoint expires = TimePoint::max();

 private:
  std::string name_;
  std::shared_ptr<Fate> fate_;
};

/// Writes each batch as "a,b" into `log` and finishes its jobs.
class RecordingRunner final : public BatchRunner {
 public:
  explicit RecordingRunner(std::vector<std::string>& log, std::function<void()> during = {})
      : log_(log), during_(std::move(during)) {}

  void run(std::span<std::unique_ptr<Job>> batch, std::size_t demand) noexcept override {
    demands.push_back(demand);
    std::string names;
    for (const auto& job : batch) {
      auto& recording = static_cast<RecordingJob&>(*job);
      if (!names.empty()) names += ',';
      names += recording.name();
      recording.finish();
    }
    log_.push_back(names);
    if (during_) during_();
  }
  [[nodiscard]] std::size_t concurrency(std::size_t demand) const noexcept override {
    return worth_running ? worth_running(demand) : BatchRunner::concurrency(demand);
  }

  std::vector<std::size_t> demands;  ///< of each batch
  std::function<std::size_t(std::size_t demand)> worth_running;

 private:
  std::vector<std::string>& log_;
  std::function<void()> during_;
};

}  // namespace osprey::scheduler
