#include <algorithm>
#include <cstddef>
#include <cstring>

#include "vision/masks.hpp"

namespace osprey::vision {
namespace {

/// Collects segments of ones, given in order by their places in the column-major canvas, as run lengths.
class RunWriter {
 public:
  void add(std::int64_t begin, std::int64_t end) {
    if (begin != end_) {
      flush();
      begin_ = begin;
    }
    end_ = end;
  }

  std::vector<std::int64_t> finish(std::int64_t area) && {
    flush();
    if (told_ < area || runs_.empty()) runs_.push_back(area - told_);
    return std::move(runs_);
  }

 private:
  void flush() {
    if (begin_ == end_) return;
    runs_.push_back(begin_ - told_);
    runs_.push_back(end_ - begin_);
    told_ = end_;
  }

  std::vector<std::int64_t> runs_;
  std::int64_t told_ = 0;
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
};

/// A pixel that differs from the one above it.
struct Change {
  std::uint32_t column = 0;
  std::uint32_t row = 0;
};

void append_changes(const std::uint8_t* above, const std::uint8_t* row, std::size_t width, std::uint32_t y,
                    std::vector<Change>& changes) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const auto compare = [&](std::size_t begin, std::size_t end) {
    for (std::size_t x = begin; x < end; ++x) {
      if (above[x] != row[x]) changes.push_back({static_cast<std::uint32_t>(x), y});
    }
  };
  std::size_t x = 0;
  for (; x + kWord <= width; x += kWord) {
    if (std::memcmp(above + x, row + x, kWord) != 0) compare(x, x + kWord);
  }
  compare(x, width);
}

/// Where the columns of rows [y1, y2) change, column by column, in ascending rows: starts and ends of ones alternate.
/// Found row by row, eight pixels at a time: a walk down the columns would miss the cache at every pixel, and most
/// pixels are like the one above.
std::vector<Change> changes_by_column(const MaskRegion& mask, int y1, int y2) {
  const auto width = static_cast<std::size_t>(mask.size.width);
  const std::vector<std::uint8_t> zeros(width, 0);
  const std::uint8_t* above = zeros.data();
  std::vector<Change> changes;
  for (int y = y1; y < y2; ++y) {
    const std::uint8_t* const row = &mask.pixels[static_cast<std::size_t>(y) * width];
    append_changes(above, row, width, static_cast<std::uint32_t>(y), changes);
    above = row;
  }
  append_changes(above, zeros.data(), width, static_cast<std::uint32_t>(y2), changes);

  // A counting sort by column keeps the rows in order.
  std::vector<std::size_t> places(width + 1, 0);
  for (const Change& change : changes) ++places[change.column + 1];
  for (std::size_t x = 0; x < width; ++x) places[x + 1] += places[x];
  std::vector<Change> sorted(changes.size());
  for (const Change& change : changes) sorted[places[change.column]++] = change;
  return sorted;
}

void append_run(std::string& text, std::int64_t value) {
  bool more = true;
  while (more) {
    const auto group = static_cast<int>(value & 0x1F);
    value >>= 5;
    // What is left is only the sign, and the group's highest bit tells it.
    more = (group & 0x10) != 0 ? value != -1 : value != 0;
    text.push_back(static_cast<char>('0' + (more ? group | 0x20 : group)));
  }
}

}  // namespace

std::vector<std::int64_t> mask_runs(const MaskRegion& mask, Size canvas) {
  const std::int64_t area = std::int64_t{std::max(canvas.width, 0)} * std::max(canvas.height, 0);
  RunWriter writer;
  const int x1 = std::max(mask.x, 0);
  const int y1 = std::max(mask.y, 0);
  const int x2 = std::min(mask.x + mask.size.width, canvas.width);
  const int y2 = std::min(mask.y + mask.size.height, canvas.height);
  const std::size_t pixels =
      static_cast<std::size_t>(std::max(mask.size.width, 0)) * static_cast<std::size_t>(std::max(mask.size.height, 0));
  if (x1 >= x2 || y1 >= y2 || mask.pixels.size() != pixels) return std::move(writer).finish(area);

  const std::vector<Change> changes = changes_by_column(mask, y1 - mask.y, y2 - mask.y);
  for (std::size_t i = 0; i + 1 < changes.size(); i += 2) {
    const std::int64_t x = std::int64_t{changes[i].column} + mask.x;
    if (x < x1 || x >= x2) continue;
    const std::int64_t base = x * canvas.height + mask.y;
    writer.add(base + changes[i].row, base + changes[i + 1].row);
  }
  return std::move(writer).finish(area);
}

std::string mask_rle(const MaskRegion& mask, Size canvas) {
  const std::vector<std::int64_t> runs = mask_runs(mask, canvas);
  std::string text;
  text.reserve(runs.size() * 2);
  for (std::size_t i = 0; i < runs.size(); ++i) append_run(text, i > 2 ? runs[i] - runs[i - 2] : runs[i]);
  return text;
}

}  // namespace osprey::vision
