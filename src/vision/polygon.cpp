#include <algorithm>
#include <cstddef>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "vision/masks.hpp"

namespace osprey::vision {

std::vector<Point> mask_polygon(const MaskRegion& mask) {
  const auto [width, height] = mask.size;
  if (width <= 0 || height <= 0) return {};
  if (mask.pixels.size() != static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) return {};

  std::vector<std::vector<cv::Point>> contours;
  try {
    // findContours reads its input only, and puts a border of zeros around it: the region gives what the canvas would.
    const cv::Mat pixels(height, width, CV_8UC1, const_cast<std::uint8_t*>(mask.pixels.data()));
    cv::findContours(pixels, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE, cv::Point(mask.x, mask.y));
  } catch (const cv::Exception&) {
    return {};  // it only throws for types and sizes that were checked above
  }
  const auto longest = std::max_element(contours.begin(), contours.end(),
                                        [](const auto& a, const auto& b) { return a.size() < b.size(); });
  if (longest == contours.end()) return {};
  std::vector<Point> polygon;
  polygon.reserve(longest->size());
  for (const cv::Point& point : *longest) {
    polygon.push_back({static_cast<float>(point.x), static_cast<float>(point.y)});
  }
  return polygon;
}

}  // namespace osprey::vision
