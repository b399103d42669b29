// BMP and GIF (its first frame) by stb_image. Their headers are read here first: stb fills with zeros what a file that
// ends early lacks, and it has no limit on the area.
#include <stb/stb_image.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <memory>
#include <vector>

#include "image/formats.hpp"

namespace osprey::image {

namespace {

struct Free {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};
using StbPixels = std::unique_ptr<stbi_uc, Free>;

// Decodes to `channels` bytes a pixel. Null if stb refuses the bytes or finds another size than the header's.
StbPixels load(std::span<const std::byte> bytes, Size size, int channels) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
  Size found;
  int stored_channels = 0;
  StbPixels pixels(stbi_load_from_memory(as_uchar(bytes), static_cast<int>(bytes.size()), &found.width, &found.height,
                                         &stored_channels, channels));
  return found == size ? std::move(pixels) : nullptr;
}

struct BmpHeader {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool complete = false;  // all rows are there
};

std::optional<BmpHeader> read_bmp_header(std::span<const std::byte> bytes) {
  constexpr std::uint32_t kOldInfoSize = 12;  // OS/2's, with 16-bit sides
  const auto offset = read_u32(bytes, 10, false);
  const auto info_size = read_u32(bytes, 14, false);
  if (!offset || !info_size) return std::nullopt;
  std::optional<std::uint16_t> bits;
  BmpHeader header;
  if (*info_size == kOldInfoSize) {
    header.width = read_u16(bytes, 18, false).value_or(0);
    header.height = read_u16(bytes, 20, false).value_or(0);
    bits = read_u16(bytes, 24, false);
  } else {
    header.width = static_cast<std::int32_t>(read_u32(bytes, 18, false).value_or(0));
    // Negative: the first row comes first.
    header.height = std::abs(std::int64_t{static_cast<std::int32_t>(read_u32(bytes, 22, false).value_or(0))});
    bits = read_u16(bytes, 28, false);
  }
  constexpr std::array kDepths{1, 4, 8, 16, 24, 32};  // bits per pixel
  if (!bits || std::ranges::find(kDepths, *bits) == kDepths.end() || header.width <= 0) return std::nullopt;
  const std::int64_t row_bytes = (header.width * *bits + 31) / 32 * 4;
  const auto left = static_cast<std::int64_t>(bytes.size()) - *offset;
  header.complete = left >= 0 && left / row_bytes >= header.height;
  return header;
}

struct GifHeader {
  Size size;
  std::uint8_t background[kChannels] = {0, 0, 0};  // BGR
  std::size_t first_frame_end = 0;                 // 0: the file ends before
};

constexpr std::size_t kGifBackgroundIndex = 11;  // where the header has it

std::size_t color_table_bytes(std::uint8_t flags) {
  return flags & 0x80 ? std::size_t{3} << ((flags & 7) + 1) : 0;
}

std::optional<GifHeader> read_gif_header(std::span<const std::byte> bytes) {
  constexpr std::size_t kHeaderSize = 13;
  constexpr std::size_t kFrameHeaderSize = 10;
  if (bytes.size() < kHeaderSize) return std::nullopt;
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); };
  GifHeader header;
  header.size = {*read_u16(bytes, 6, false), *read_u16(bytes, 8, false)};
  std::size_t position = kHeaderSize + color_table_bytes(at(10));
  const std::size_t background = kHeaderSize + std::size_t{3} * at(kGifBackgroundIndex);
  if (position <= bytes.size() && background + 3 <= position) {
    for (std::size_t c = 0; c < kChannels; ++c) header.background[c] = at(background + 2 - c);
  }
  // Over the blocks to the end of the first frame.
  while (position + 1 < bytes.size()) {
    const std::uint8_t kind = at(position);
    if (kind != 0x21 && kind != 0x2C) break;  // the end, or no GIF
    const bool frame = kind == 0x2C;
    if (frame) {
      if (bytes.size() - position <= kFrameHeaderSize) break;
      position += kFrameHeaderSize + color_table_bytes(at(position + kFrameHeaderSize - 1)) + 1;
    } else {
      position += 2;
    }
    while (position < bytes.size() && at(position) != 0) position += std::size_t{1} + at(position);
    if (position >= bytes.size()) break;
    ++position;
    if (frame) {
      header.first_frame_end = position;
      break;
    }
  }
  return header;
}

}  // namespace

Result<Decoded> decode_bmp(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  const auto header = read_bmp_header(bytes);
  if (!header) return not_an_image();
  const Result<Size> size = checked_size(header->width, header->height, limits);
  if (!size) return size.error();
  if (!header->complete) return not_an_image();
  const StbPixels rgb = load(bytes, *size, kChannels);
  if (!rgb) return not_an_image();

  Decoded decoded{Image(*size), 1};
  const stbi_uc* in = rgb.get();
  std::uint8_t* const out = decoded.image.data();
  for (std::size_t i = 0; i < Image::byte_count(*size); i += kChannels) {
    out[i] = in[i + 2];
    out[i + 1] = in[i + 1];
    out[i + 2] = in[i];
  }
  return decoded;
}

Result<Decoded> decode_gif(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  const auto header = read_gif_header(bytes);
  if (!header) return not_an_image();
  const Result<Size> size = checked_size(header->size.width, header->size.height, limits);
  if (!size) return size.error();
  if (header->first_frame_end == 0) return not_an_image();

  // stb paints the background with red and blue exchanged, unless its index is 0: then it leaves it transparent.
  std::vector<std::byte> frame(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header->first_frame_end));
  frame[kGifBackgroundIndex] = std::byte{0};
  const StbPixels rgba = load(frame, *size, 4);
  if (!rgba) return not_an_image();

  Decoded decoded{Image(*size), 1};
  const stbi_uc* in = rgba.get();
  std::uint8_t* out = decoded.image.data();
  const std::size_t count = Image::byte_count(*size) / kChannels;
  for (std::size_t i = 0; i < count; ++i, in += 4, out += kChannels) {
    const bool drawn = in[3] != 0;
    for (int c = 0; c < kChannels; ++c) out[c] = drawn ? in[2 - c] : header->background[c];
  }
  return decoded;
}

}  // namespace osprey::image
