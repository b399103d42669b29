#include "vision/resize.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace osprey::vision {
namespace {

// One axis of a center-crop: the image is cut where it is longer than the canvas, padded where it is shorter.
struct CenteredAxis {
  int source_start = 0;
  int length = 0;
  int start = 0;
  int pad_before = 0;
  int pad_after = 0;
};

CenteredAxis center(int length, int canvas) {
  if (length > canvas) {
    const int cut = (length - canvas) / 2;
    return {cut, canvas, 0, -cut, -(length - canvas - cut)};
  }
  const int pad = (canvas - length) / 2;
  return {0, length, pad, pad, canvas - length - pad};
}

// Truncation in double, as the reference; but a long thin image keeps one pixel, where the reference fails.
int scaled_side(int side, double scale) {
  return std::max(1, static_cast<int>(side * scale));
}

constexpr int kPrecisionBits = 22;  // Pillow's, for 8-bit pixels: 32 minus 8 for the value and 2 for overshoot
constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

std::uint8_t to_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

// The triangle filter of one axis: output pixel i is the sum of weights(i) times the inputs from first(i) on.
class TriangleFilter {
 public:
  TriangleFilter(int from, int to) {
    const double scale = static_cast<double>(from) / to;
    const double support = std::max(scale, 1.0);
    longest_ = std::min(static_cast<int>(std::ceil(support)) * 2 + 1, from);
    spans_.reserve(static_cast<std::size_t>(to));
    std::vector<double> window;
    for (int i = 0; i < to; ++i) {
      const double center = (i + 0.5) * scale;
      const int first = std::max(static_cast<int>(center - support + 0.5), 0);
      const int last = std::min(static_cast<int>(center + support + 0.5), from);
      spans_.push_back({first, weights_.size(), static_cast<std::size_t>(last - first)});
      window.clear();
      double sum = 0;
      for (int x = first; x < last; ++x) {
        window.push_back(std::max(0.0, 1.0 - std::abs((x - center + 0.5) * (1.0 / support))));
        sum += window.back();
      }
      for (const double weight : window) {
        weights_.push_back(static_cast<std::int32_t>(0.5 + (sum != 0 ? weight / sum : weight) * (1 << kPrecisionBits)));
      }
    }
  }

  [[nodiscard]] int first(int i) const { return spans_[static_cast<std::size_t>(i)].first; }
  [[nodiscard]] std::span<const std::int32_t> weights(int i) const {
    const Span& at = spans_[static_cast<std::size_t>(i)];
    return std::span(weights_).subspan(at.start, at.count);
  }
  [[nodiscard]] int size() const { return static_cast<int>(spans_.size()); }
  /// At least the number of weights of any output pixel.
  [[nodiscard]] int longest() const { return longest_; }

 private:
  struct Span {
    int first = 0;
    std::size_t start = 0;
    std::size_t count = 0;
  };
  std::vector<Span> spans_;
  std::vector<std::int32_t> weights_;
  int longest_ = 0;
};

void filter_row(const std::uint8_t* row, const TriangleFilter& filter, std::uint8_t* out) {
  for (int i = 0; i < filter.size(); ++i, out += image::kChannels) {
    const std::uint8_t* pixel = row + static_cast<std::ptrdiff_t>(filter.first(i)) * image::kChannels;
    std::int32_t blue = kHalf;
    std::int32_t green = kHalf;
    std::int32_t red = kHalf;
    for (const std::int32_t weight : filter.weights(i)) {
      blue += pixel[0] * weight;
      green += pixel[1] * weight;
      red += pixel[2] * weight;
      pixel += image::kChannels;
    }
    out[0] = to_byte(blue);
    out[1] = to_byte(green);
    out[2] = to_byte(red);
  }
}

// Output row `y`: the weighted sum of the rows that `row_at(i)` gives. `sums` is scratch of a row's length.
template <typename RowAt>
void sum_rows(RowAt row_at, const TriangleFilter& filter, int y, std::span<std::int32_t> sums, std::uint8_t* out) {
  std::ranges::fill(sums, kHalf);
  int at = filter.first(y);
  for (const std::int32_t weight : filter.weights(y)) {
    const std::uint8_t* const row = row_at(at++);
    for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += row[x] * weight;
  }
  std::ranges::transform(sums, out, to_byte);
}

}  // namespace

Placement place(Size size, Size canvas, ResizeMode mode, LetterboxAnchor anchor) {
  Placement placement;
  placement.canvas = placement.content = canvas;
  placement.source = size;
  const double ratio_w = static_cast<double>(canvas.width) / size.width;
  const double ratio_h = static_cast<double>(canvas.height) / size.height;
  switch (mode) {
    case ResizeMode::stretch:
      placement.scale_w = static_cast<float>(ratio_w);
      placement.scale_h = static_cast<float>(ratio_h);
      break;
    case ResizeMode::letterbox: {
      const double scale = std::min(ratio_w, ratio_h);
      placement.scale_w = placement.scale_h = static_cast<float>(scale);
      placement.content = {scaled_side(size.width, scale), scaled_side(size.height, scale)};
      if (anchor == LetterboxAnchor::center) {
        placement.left = placement.pad_left = (canvas.width - placement.content.width) / 2;
        placement.top = placement.pad_top = (canvas.height - placement.content.height) / 2;
      }
      placement.pad_right = canvas.width - placement.content.width - placement.left;
      placement.pad_bottom = canvas.height - placement.content.height - placement.top;
      break;
    }
    case ResizeMode::center_crop: {
      const CenteredAxis x = center(size.width, canvas.width);
      const CenteredAxis y = center(size.height, canvas.height);
      placement.source_x = x.source_start;
      placement.source_y = y.source_start;
      placement.source = placement.content = {x.length, y.length};
      placement.left = x.start;
      placement.top = y.start;
      placement.pad_left = x.pad_before;
      placement.pad_top = y.pad_before;
      placement.pad_right = x.pad_after;
      placement.pad_bottom = y.pad_after;
      break;
    }
  }
  return placement;
}

image::Image resize_opencv(const image::ImageView& source, Size size) {
  image::Image resized(size);
  // OpenCV has no read-only matrix; the resize only reads its source.
  const cv::Mat from(source.size.height, source.size.width, CV_8UC3, const_cast<std::uint8_t*>(source.data),
                     static_cast<std::size_t>(source.stride));
  cv::Mat to(size.height, size.width, CV_8UC3, resized.data());
  cv::resize(from, to, to.size(), 0, 0, cv::INTER_LINEAR);
  return resized;
}

image::Image resize_pillow(const image::ImageView& source, Size size) {
  const TriangleFilter columns(source.size.width, size.width);
  const TriangleFilter rows(source.size.height, size.height);
  image::Image resized(size);
  // Rows first, but columns first for a very tall image that gets shorter: the rounding in between shows the order.
  const bool columns_first =
      source.size.height > std::int64_t{100} * source.size.width && size.height < source.size.height;
  if (columns_first) {
    image::Image row({source.size.width, 1});
    std::vector<std::int32_t> sums(static_cast<std::size_t>(row.stride()));
    for (int y = 0; y < size.height; ++y) {
      sum_rows([&](int at) { return source.row(at); }, rows, y, sums, row.data());
      filter_row(row.data(), columns, resized.row(y));
    }
    return resized;
  }
  // Filtered rows live in a ring as long as the widest window: neighbouring windows overlap, and a tall image needs no
  // intermediate image of its own height.
  image::Image ring({size.width, rows.longest()});
  std::vector<std::int32_t> sums(static_cast<std::size_t>(resized.stride()));
  int ready = 0;  // the first row of the source that is not in the ring yet
  for (int y = 0; y < size.height; ++y) {
    const int end = rows.first(y) + static_cast<int>(rows.weights(y).size());
    for (ready = std::max(ready, rows.first(y)); ready < end; ++ready) {
      filter_row(source.row(ready), columns, ring.row(ready % rows.longest()));
    }
    sum_rows([&](int at) { return ring.row(at % rows.longest()); }, rows, y, sums, resized.row(y));
  }
  return resized;
}

}  // namespace osprey::vision
