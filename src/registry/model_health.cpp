#include "registry/model_health.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace osprey::registry {
namespace {

constexpr int kFaultsInARow = 3;
constexpr int kMostHungRuns = 3;
constexpr Duration kFirstPause = std::chrono::seconds(1);
constexpr Duration kLongestPause = std::chrono::seconds(60);
constexpr std::size_t kReasonBytes = 400;

/// Without memory for it the last reason stays.
void note(std::string_view text, std::string& reason) noexcept {
  try {
    reason = text.substr(0, kReasonBytes);
  } catch (...) {
  }
}

}  // namespace

ModelHealth::ModelHealth(std::string model_id, std::shared_ptr<const Clock> clock, Log log)
    : model_id_(std::move(model_id)), clock_(std::move(clock)), log_(std::move(log)) {}

ModelHealth::Admission ModelHealth::ask() {
  if (state_.load(std::memory_order_relaxed) == State::in) return {};
  const std::lock_guard lock(mutex_);
  if (state_ == State::in) return {};
  const TimePoint now = clock_->now();
  if (now < retry_at_ || repairing_) return {refusal_text(), false};
  if (hung_ > 0) {
    retry_at_ = now + pause_;
    if (*all_hung_ >= kMostHungRuns) return {refusal_text(), false};  // each try may cost a thread
    repairing_ = true;
    return {refusal_text(), true};
  }
  // Should this request end before it has run, the next one is let through after another pause.
  state_ = State::trying;
  retry_at_ = now + pause_;
  log_->info("model {} is tried again", model_id_);
  return {};
}

Error ModelHealth::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_text();
}

void ModelHealth::succeeded() noexcept {
  if (state_.load(std::memory_order_relaxed) == State::in && in_a_row_.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard lock(mutex_);
  if (hung_ > 0) return;  // on another of its streams; it lacks one
  if (state_.exchange(State::in) != State::in) log_->info("model {} is in service again", model_id_);
  in_a_row_ = 0;
  pause_ = Duration::zero();
}

void ModelHealth::failed(std::string_view reason) noexcept {
  const std::lock_guard lock(mutex_);
  ++failures_;
  note(reason, reason_);
  if (state_ == State::out) return;  // it ran when the model was taken out
  if (++in_a_row_ >= kFaultsInARow || state_ == State::trying) {
    take_out();
  } else {
    log_->warn("model {} failed: {}", model_id_, reason_);
  }
}

void ModelHealth::hung(Duration time) noexcept {
  const std::lock_guard lock(mutex_);
  ++failures_;
  ++*all_hung_;
  if (++hung_ <= 0) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "a run of the network has not ended after %lld s",
                static_cast<long long>(seconds));
  note(text.data(), reason_);
  if (state_ != State::out) take_out();
}

void ModelHealth::came_back() noexcept {
  const std::lock_guard lock(mutex_);
  --*all_hung_;
  if (--hung_ != 0 || state_ != State::out) return;
  retry_at_ = clock_->now();
}

void ModelHealth::repair_failed(std::string_view reason) noexcept {
  const std::lock_guard lock(mutex_);
  ++failures_;
  note(reason, reason_);
  repairing_ = false;
  if (state_ == State::out) take_out();
}

void ModelHealth::continue_from(const ModelHealth& previous) {
  const std::scoped_lock lock(mutex_, previous.mutex_);
  reason_ = previous.reason_;
  failures_ += previous.failures_;
  pause_ = previous.pause_;
  all_hung_ = previous.all_hung_;
  in_a_row_ = kFaultsInARow - 1;
}

void ModelHealth::take_out() {
  pause_ = pause_ == Duration::zero() ? kFirstPause : std::min(pause_ * 2, kLongestPause);
  retry_at_ = clock_->now() + pause_;
  state_ = State::out;
  log_->error("model {} is taken out for {} s: {}", model_id_, seconds_between({}, TimePoint(pause_)), reason_);
}

double ModelHealth::retry_seconds() const {
  return std::max(0.0, seconds_between(clock_->now(), retry_at_));
}

Error ModelHealth::refusal_text() const {
  const auto seconds = static_cast<long>(std::ceil(retry_seconds()));
  return {Code::unavailable, "model " + model_id_ + " is out of service (" + reason_ + "); it is tried again " +
                                 (seconds > 0 ? "in " + std::to_string(seconds) + " s" : "now")};
}

std::optional<OutOfService> ModelHealth::out() const {
  const std::lock_guard lock(mutex_);
  if (state_ == State::in) return std::nullopt;
  return OutOfService{reason_, retry_seconds()};
}

std::uint64_t ModelHealth::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

}  // namespace osprey::registry
