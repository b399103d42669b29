// How far downloads are, for a person at a terminal or in a log.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>

#include "base/clock.hpp"

namespace osprey::cli {

/// Shows the files of one download together. On a terminal it is one line that is written anew, ten times a second at
/// most: "my/1   45 %  12.3 of 27.3 MB  5.1 MB/s  3 s left". Elsewhere it is a line for each file that has come.
/// Thread-safe.
class ProgressBar {
 public:
  /// `output` must outlive this.
  ProgressBar(std::ostream& output, bool terminal, std::string title, std::shared_ptr<const Clock> clock);
  /// Ends the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// A file has so many bytes of `total`; 0: its size is not known.
  void show(const std::string& file, std::uint64_t received, std::uint64_t total);

 private:
  struct File {
    std::uint64_t received = 0;
    std::uint64_t total = 0;
    bool told = false;
  };
  void draw(TimePoint now);

  std::ostream& output_;
  const bool terminal_;
  const std::string title_;
  const std::shared_ptr<const Clock> clock_;

  std::mutex mutex_;  // guards all below
  std::map<std::string, File> files_;
  std::optional<TimePoint> begun_;
  std::uint64_t had_ = 0;  // bytes that were there before: they say nothing of the speed
  TimePoint drawn_{};
  std::size_t width_ = 0;  // of the line that is on the terminal
};

}  // namespace osprey::cli
