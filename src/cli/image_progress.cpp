#include "cli/image_progress.hpp"

#include <chrono>
#include <utility>

#include "cli/formatted.hpp"

namespace osprey::cli {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);
constexpr std::size_t kWidth = 24;          // of the bar, in characters
constexpr const char* kErase = "\r\x1b[K";  // back to the line's start, and nothing after it

}  // namespace

ImageProgress::ImageProgress(std::ostream& output, std::size_t total, std::shared_ptr<const Clock> clock)
    : output_(output), total_(total), clock_(std::move(clock)), begun_(clock_->now()) {}

ImageProgress::~ImageProgress() {
  const std::lock_guard lock(mutex_);
  draw(clock_->now());
  output_ << '\n' << std::flush;
}

void ImageProgress::advance(bool now) {
  const std::lock_guard lock(mutex_);
  ++done_;
  if (!now) ++had_;
  const auto time = clock_->now();
  if (!drawn_ || time - *drawn_ >= kPause || done_ == total_) draw(time);
}

void ImageProgress::print_above(const std::string& line) {
  const std::lock_guard lock(mutex_);
  output_ << kErase << line << '\n';
  draw(clock_->now());
}

void ImageProgress::draw(TimePoint now) {
  drawn_ = now;
  const std::size_t filled = total_ > 0 ? done_ * kWidth / total_ : 0;
  std::string line = "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "]";
  line += formatted("  %3zu %%  %zu of %zu", total_ > 0 ? done_ * 100 / total_ : 0, done_, total_);
  const double seconds = seconds_between(begun_, now);
  if (seconds > 0 && done_ > had_) {
    const double speed = static_cast<double>(done_ - had_) / seconds;
    line += formatted("  %.1f images/s", speed);
    if (done_ < total_) line += formatted("  %.0f s left", static_cast<double>(total_ - done_) / speed);
  }
  output_ << kErase << line << std::flush;
}

}  // namespace osprey::cli
