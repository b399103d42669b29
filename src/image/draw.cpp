#include "image/draw.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

namespace osprey::image {

namespace {

cv::Mat over(Image& image) {
  return cv::Mat(image.size().height, image.size().width, CV_8UC3, image.data());
}

cv::Scalar scalar(Color color) {
  return {double(color.blue), double(color.green), double(color.red)};
}

// Runs a piece of drawing, and lets no exception of OpenCV's or of an allocation out.
template <typename Drawing>
Status guarded(const Image& image, Drawing drawing) {
  if (image.size().width <= 0 || image.size().height <= 0) return {};
  try {
    drawing();
    return {};
  } catch (const std::exception& error) {
    return Error{Code::internal, std::string("cannot draw: ") + error.what()};
  }
}

// Far outside is as good as just outside, and spares OpenCV's fixed-point coordinates an overflow.
cv::Point near_image(Point point, Size size, int margin) {
  return {std::clamp(point.x, -margin, size.width + margin), std::clamp(point.y, -margin, size.height + margin)};
}

constexpr int kMaxStroke = 1000;
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;

// Hershey fonts have ASCII only; a character of several UTF-8 bytes becomes one '?'.
std::string ascii(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xC0) continue;  // continuation of a character
    out += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  return out;
}

}  // namespace

Result<Color> parse_color(std::string_view text) {
  const Error bad{Code::invalid_argument, "a color is written #RRGGBB, like #4892EA"};
  if (text.size() != 7 || text[0] != '#') return bad;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return bad;
  return Color{static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8 & 255),
               static_cast<std::uint8_t>(value & 255)};
}

Color class_color(std::size_t class_index) {
  // Steps of the golden angle never come near an earlier hue soon; the brightness steps tell apart those that do.
  constexpr double kGoldenRatio = 0.618033988749895;
  const auto index = static_cast<double>(class_index % 10'000);
  const double hue = std::fmod(0.58 + index * kGoldenRatio, 1.0) * 6;
  const double value = std::array{1.0, 0.82, 0.92}[class_index / 5 % 3];
  const double saturation = std::array{0.78, 0.9, 0.6}[class_index / 7 % 3];
  // HSV to RGB: channel n falls from `value` by how far the hue is from the channel's own.
  const auto channel = [&](double n) {
    const double k = std::fmod(n + hue, 6.0);
    const double level = value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0);
    return static_cast<std::uint8_t>(std::lround(level * 255));
  };
  return {channel(5), channel(3), channel(1)};
}

Color text_color_on(Color background) {
  const double luma = 0.299 * background.red + 0.587 * background.green + 0.114 * background.blue;
  return luma > 140 ? Color{0, 0, 0} : Color{255, 255, 255};
}

int stroke_width_for(Size image) {
  return std::max(1, static_cast<int>(std::lround(std::max(image.width, image.height) / 320.0)));
}

Status draw_rectangle(Image& image, Point top_left, Point bottom_right, Color color, int stroke) {
  stroke = std::clamp(stroke, 1, kMaxStroke);
  return guarded(image, [&] {
    const cv::Point a = near_image(top_left, image.size(), 2 * stroke);
    const cv::Point b = near_image(bottom_right, image.size(), 2 * stroke);
    const auto [left, right] = std::minmax(a.x, b.x);
    const auto [top, bottom] = std::minmax(a.y, b.y);
    const int before = (stroke - 1) / 2;  // pixels of the stroke outside of an upper or left edge
    const int after = stroke / 2;
    // As four bars: OpenCV's thick lines come out wider than asked for.
    const auto bar = [&](int x0, int y0, int x1, int y1) {
      cv::rectangle(over(image), {x0 - before, y0 - before}, {x1 + after, y1 + after}, scalar(color), cv::FILLED);
    };
    bar(left, top, right, top);
    bar(left, bottom, right, bottom);
    bar(left, top, left, bottom);
    bar(right, top, right, bottom);
  });
}

Status draw_polygon(Image& image, std::span<const Point> points, Color color, int stroke) {
  stroke = std::clamp(stroke, 1, kMaxStroke);
  if (points.size() < 2) return {};
  return guarded(image, [&] {
    // Further out than for a rectangle: here a moved point turns the visible part of its lines.
    constexpr int kMargin = 1 << 14;
    std::vector<cv::Point> moved;
    for (const Point point : points) moved.push_back(near_image(point, image.size(), kMargin));
    cv::polylines(over(image), moved, true, scalar(color), stroke, cv::LINE_AA);
  });
}

Status draw_mask(Image& image, std::span<const std::uint8_t> mask, Size size, Point top_left, Color color, double alpha,
                 int stroke) {
  const bool empty = size.width <= 0 || size.height <= 0;
  if (mask.size() != (empty ? 0 : static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height))) {
    return Error{Code::invalid_argument, "the mask has not width x height pixels"};
  }
  const auto [width, height] = image.size();
  // In 64 bits: where the mask lies is a client's or a model's word.
  const std::int64_t left = top_left.x;
  const std::int64_t top = top_left.y;
  const std::int64_t x0 = std::max<std::int64_t>(left, 0);
  const std::int64_t y0 = std::max<std::int64_t>(top, 0);
  const std::int64_t x1 = std::min<std::int64_t>(left + size.width, width);
  const std::int64_t y1 = std::min<std::int64_t>(top + size.height, height);
  if (empty || x0 >= x1 || y0 >= y1) return {};

  const int weight = static_cast<int>(std::lround(std::clamp(alpha, 0.0, 1.0) * 256));
  const std::array<int, kChannels> tint{color.blue * weight, color.green * weight, color.red * weight};
  return guarded(image, [&] {
    const cv::Mat all(size.height, size.width, CV_8UC1, const_cast<std::uint8_t*>(mask.data()));
    const cv::Mat visible = all(cv::Rect(int(x0 - left), int(y0 - top), int(x1 - x0), int(y1 - y0)));
    for (int y = 0; y < visible.rows; ++y) {
      const std::uint8_t* covered = visible.ptr(y);
      std::uint8_t* out = image.row(int(y0) + y) + x0 * kChannels;
      for (int x = 0; x < visible.cols; ++x, out += kChannels) {
        if (covered[x] == 0) continue;
        for (std::size_t c = 0; c < kChannels; ++c) {
          out[c] = static_cast<std::uint8_t>((out[c] * (256 - weight) + tint[c] + 128) >> 8);
        }
      }
    }
    if (stroke <= 0) return;
    std::vector<std::vector<cv::Point>> contours;
    cv::findContours(visible, contours, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE, {int(x0), int(y0)});
    cv::polylines(over(image), contours, true, scalar(color), std::min(stroke, kMaxStroke), cv::LINE_AA);
  });
}

Status draw_disc(Image& image, Point center, int radius, Color color) {
  radius = std::clamp(radius, 0, kMaxStroke);
  return guarded(image, [&] {
    cv::circle(over(image), near_image(center, image.size(), 2 * radius), radius, scalar(color), cv::FILLED,
               cv::LINE_AA);
  });
}

Status draw_label(Image& image, std::string_view text, Point corner, Color color) {
  return guarded(image, [&] {
    const auto [width, height] = image.size();
    const double scale = std::clamp(std::max(width, height) / 1300.0, 0.35, 3.0);
    const int stroke = std::max(1, static_cast<int>(std::lround(scale * 1.6)));
    const int padding = std::max(2, static_cast<int>(std::lround(scale * 8)));
    constexpr std::size_t kLongest = 200;
    std::string shown = ascii(text.substr(0, kLongest * 4)).substr(0, kLongest);
    int below_line = 0;
    cv::Size extent = cv::getTextSize(shown, kFont, scale, stroke, &below_line);
    while (extent.width + 2 * padding > width && shown.size() > 1) {
      shown.pop_back();
      extent = cv::getTextSize(shown, kFont, scale, stroke, &below_line);
    }
    const int box_width = std::min(extent.width + 2 * padding, width);
    const int box_height = std::min(extent.height + below_line + padding, height);
    const cv::Point at = near_image(corner, image.size(), 0);
    const int left = std::min(at.x, width - box_width);
    const int above = at.y - box_height;
    const int top = std::min(above >= 0 ? above : at.y, height - box_height);
    cv::rectangle(over(image), cv::Rect(left, top, box_width, box_height), scalar(color), cv::FILLED);
    cv::putText(over(image), shown, {left + padding, top + padding / 2 + extent.height}, kFont, scale,
                scalar(text_color_on(color)), stroke, cv::LINE_AA);
  });
}

}  // namespace osprey::image
