// How far a run over many images is, for a person at a terminal.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>

#include "base/clock.hpp"

namespace osprey::cli {

/// One line that is written anew, ten times a second at most: "[######....]  45 %  90 of 200  12.3 images/s  9 s left".
/// Thread-safe.
class ImageProgress {
 public:
  /// `output` is a terminal and outlives this.
  ImageProgress(std::ostream& output, std::size_t total, std::shared_ptr<const Clock> clock);
  /// Ends the line.
  ~ImageProgress();
  ImageProgress(const ImageProgress&) = delete;
  ImageProgress& operator=(const ImageProgress&) = delete;

  /// One more is done. `now`: in this run; else it was done before.
  void advance(bool now = true);
  /// Takes the line off, writes `line` in its place, and the progress below it.
  void print_above(const std::string& line);

 private:
  void draw(TimePoint now);

  std::ostream& output_;
  const std::size_t total_;
  const std::shared_ptr<const Clock> clock_;
  const TimePoint begun_;

  std::mutex mutex_;  // guards all below
  std::size_t done_ = 0;
  std::size_t had_ = 0;  // done before this run: they say nothing of the speed
  std::optional<TimePoint> drawn_;
};

}  // namespace osprey::cli
