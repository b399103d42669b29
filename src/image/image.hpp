// Images in memory: 8-bit, height x width x 3, interleaved BGR. Owning Image, borrowed ImageView.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace osprey::image {

/// Width and height in pixels.
struct Size {
  int width = 0;
  int height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

/// Bytes per pixel: all images are BGR, as the reference's decoder gives them.
inline constexpr int kChannels = 3;

/// Pixels that someone else owns: HWC, uint8 BGR, rows `stride` bytes apart. Passed as a parameter, never stored.
struct ImageView {
  const std::uint8_t* data = nullptr;
  Size size;
  std::ptrdiff_t stride = 0;

  [[nodiscard]] const std::uint8_t* row(int y) const { return data + y * stride; }
};

/// Owns HWC uint8 BGR pixels, rows packed. Move-only: copies of pixels are made on purpose or not at all.
class Image {
 public:
  Image() = default;
  /// Pixels are not initialised; whoever asks for them writes them.
  explicit Image(Size size) : size_(size), pixels_(std::make_unique_for_overwrite<std::uint8_t[]>(byte_count(size))) {}

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] std::ptrdiff_t stride() const { return static_cast<std::ptrdiff_t>(size_.width) * kChannels; }
  [[nodiscard]] std::uint8_t* data() { return pixels_.get(); }
  [[nodiscard]] const std::uint8_t* data() const { return pixels_.get(); }
  [[nodiscard]] std::uint8_t* row(int y) { return pixels_.get() + y * stride(); }
  [[nodiscard]] ImageView view() const { return {pixels_.get(), size_, stride()}; }

  [[nodiscard]] static std::size_t byte_count(Size size) {
    return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * kChannels;
  }

 private:
  Size size_;
  std::unique_ptr<std::uint8_t[]> pixels_;
};

}  // namespace osprey::image
