#include "cli/progress_bar.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cli/formatted.hpp"
#include "cli/model_command.hpp"

namespace osprey::cli {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);

}  // namespace

ProgressBar::ProgressBar(std::ostream& output, bool terminal, std::string title, std::shared_ptr<const Clock> clock)
    : output_(output), terminal_(terminal), title_(printable(title)), clock_(std::move(clock)) {}

ProgressBar::~ProgressBar() {
  const std::lock_guard lock(mutex_);
  if (!terminal_ || !begun_) return;
  draw(clock_->now());
  output_ << '\n' << std::flush;
}

void ProgressBar::show(const std::string& file, std::uint64_t received, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_->now();
  if (!begun_) begun_ = now;
  const auto [entry, is_new] = files_.try_emplace(file);
  if (is_new) had_ += received;
  auto& told = entry->second.told;
  entry->second.received = received;
  entry->second.total = total;
  if (terminal_) {
    if (now - drawn_ >= kPause || is_new) draw(now);
  } else if (!told && total > 0 && received >= total) {
    told = true;
    output_ << title_ << ": " << printable(file) << ", " << size_text(total) << '\n' << std::flush;
  }
}

void ProgressBar::draw(TimePoint now) {
  drawn_ = now;
  std::uint64_t received = 0;
  std::uint64_t total = 0;
  bool all_known = true;
  for (const auto& [name, file] : files_) {
    received += file.received;
    total += file.total;
    all_known = all_known && file.total > 0;
  }
  constexpr double kMega = 1e6;
  std::string line = title_;
  if (all_known && total > 0) {
    const auto percent = 100.0 * static_cast<double>(std::min(received, total)) / static_cast<double>(total);
    line += formatted("  %3.0f %%  %.1f of %.1f MB", percent, static_cast<double>(received) / kMega,
                      static_cast<double>(total) / kMega);
  } else {
    line += formatted("  %.1f MB", static_cast<double>(received) / kMega);
  }
  const double seconds = seconds_between(*begun_, now);
  if (seconds > 0 && received > had_) {
    const double speed = static_cast<double>(received - had_) / seconds;
    line += formatted("  %.1f MB/s", speed / kMega);
    if (all_known && total > received)
      line += formatted("  %.0f s left", static_cast<double>(total - received) / speed);
  }
  const auto length = line.size();
  if (length < width_) line.append(width_ - length, ' ');  // over what was there
  width_ = length;
  output_ << '\r' << line << std::flush;
}

}  // namespace osprey::cli
