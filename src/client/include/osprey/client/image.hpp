// What can be given as an image: a file, encoded bytes, a URL, pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <variant>

namespace osprey::client {

/// In which order a pixel's bytes lie.
enum class PixelOrder { bgr, rgb, grey };

/// Pixels that someone else owns: H x W x 3 (or H x W of grey), uint8, interleaved.
struct PixelView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  PixelOrder order = PixelOrder::bgr;
  std::ptrdiff_t stride = 0;  ///< bytes from row to row; 0: rows are packed
};

/// An image to be sent. Bytes and pixels are viewed, not copied: they have to live until the call that the image is
/// given to has returned (also an asynchronous one: it has made its request by then). No image is re-encoded: a file's
/// bytes are sent as they are, pixels as they are (see InferOptions::pixel_form).
class Image {
 public:
  /// A file that holds an encoded image (JPEG, PNG, WebP, TIFF, BMP, GIF). It is read when the request is made.
  [[nodiscard]] static Image from_file(std::filesystem::path path) { return Image(File{std::move(path)}); }
  /// The bytes of such a file.
  [[nodiscard]] static Image from_bytes(std::span<const std::byte> bytes) { return Image(bytes); }
  /// A http or https URL that the server fetches; most servers fetch from public addresses only.
  [[nodiscard]] static Image from_url(std::string url) { return Image(Url{std::move(url)}); }
  /// Raw pixels.
  [[nodiscard]] static Image from_pixels(PixelView pixels) { return Image(pixels); }

  struct File {
    std::filesystem::path path;
  };
  struct Url {
    std::string text;
  };
  using Source = std::variant<File, std::span<const std::byte>, Url, PixelView>;
  [[nodiscard]] const Source& source() const { return source_; }

 private:
  explicit Image(Source source) : source_(std::move(source)) {}

  Source source_;
};

}  // namespace osprey::client
