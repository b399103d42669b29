#include "image/orientation.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace osprey::image {

namespace {

void swap_pixels(std::uint8_t* a, std::uint8_t* b) {
  for (int c = 0; c < kChannels; ++c) std::swap(a[c], b[c]);
}

void mirror_columns(Image& image) {
  const auto [width, height] = image.size();
  for (int y = 0; y < height; ++y) {
    std::uint8_t* left = image.row(y);
    std::uint8_t* right = left + (width - 1) * kChannels;
    for (; left < right; left += kChannels, right -= kChannels) swap_pixels(left, right);
  }
}

void mirror_rows(Image& image) {
  const int height = image.size().height;
  for (int y = 0; y < height / 2; ++y) {
    std::swap_ranges(image.row(y), image.row(y) + image.stride(), image.row(height - 1 - y));
  }
}

// Writes the transpose; `from_right` and `from_bottom` say from which end of the source its columns and rows are read.
Image transposed(const Image& source, bool from_right, bool from_bottom) {
  const auto [width, height] = source.size();
  Image target({height, width});
  const std::ptrdiff_t source_stride = source.stride();
  // In square blocks, since a whole column of the source would miss the cache at every pixel.
  constexpr int kBlock = 32;
  for (int y0 = 0; y0 < width; y0 += kBlock) {
    for (int x0 = 0; x0 < height; x0 += kBlock) {
      const int y1 = std::min(y0 + kBlock, width);
      const int x1 = std::min(x0 + kBlock, height);
      for (int y = y0; y < y1; ++y) {
        const int source_x = from_right ? width - 1 - y : y;
        std::uint8_t* out = target.row(y) + x0 * kChannels;
        for (int x = x0; x < x1; ++x, out += kChannels) {
          const int source_y = from_bottom ? height - 1 - x : x;
          std::memcpy(out, source.data() + source_y * source_stride + source_x * kChannels, kChannels);
        }
      }
    }
  }
  return target;
}

}  // namespace

Size upright(Size stored, int orientation) {
  return orientation >= 5 && orientation <= 8 ? Size{stored.height, stored.width} : stored;
}

Image upright(Image image, int orientation) {
  switch (orientation) {
    case 2: mirror_columns(image); return image;
    case 3:
      mirror_columns(image);
      mirror_rows(image);
      return image;
    case 4: mirror_rows(image); return image;
    case 5: return transposed(image, false, false);
    case 6: return transposed(image, false, true);
    case 7: return transposed(image, true, true);
    case 8: return transposed(image, true, false);
    default: return image;
  }
}

}  // namespace osprey::image
