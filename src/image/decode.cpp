#include "image/decode.hpp"

#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "image/formats.hpp"
#include "image/orientation.hpp"

namespace osprey::image {

namespace {

using Decoder = Result<Decoded> (*)(std::span<const std::byte>, const DecodeLimits&);

bool starts_with(std::span<const std::byte> bytes, std::string_view signature) {
  return bytes.size() >= signature.size() && std::memcmp(bytes.data(), signature.data(), signature.size()) == 0;
}

// The decoder for these first bytes, or null.
Decoder decoder_for(std::span<const std::byte> bytes) {
  using std::string_view_literals::operator""sv;
  if (starts_with(bytes, "\xFF\xD8\xFF"sv)) return decode_jpeg;
  if (starts_with(bytes, "\x89PNG\r\n\x1A\n"sv)) return decode_png;
  if (starts_with(bytes, "RIFF"sv) && bytes.size() >= 12 && starts_with(bytes.subspan(8), "WEBP"sv)) return decode_webp;
  for (const auto tiff : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (starts_with(bytes, tiff)) return decode_tiff;
  }
  if (starts_with(bytes, "BM"sv)) return decode_bmp;
  if (starts_with(bytes, "GIF87a"sv) || starts_with(bytes, "GIF89a"sv)) return decode_gif;
  return nullptr;
}

}  // namespace

Error not_an_image() {
  return {Code::invalid_argument, "Data is not image."};
}

Result<Size> checked_size(std::int64_t width, std::int64_t height, const DecodeLimits& limits) {
  if (width <= 0 || height <= 0) return not_an_image();
  const std::string image = "image of " + std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (width > limits.max_side || height > limits.max_side) {
    return Error{Code::payload_too_large,
                 image + " is over the limit of " + std::to_string(limits.max_side) + " pixels a side"};
  }
  if (width * height > limits.max_pixels) {
    return Error{Code::payload_too_large, image + " (" + std::to_string(width * height) + ") is over the limit of " +
                                              std::to_string(limits.max_pixels) + " pixels"};
  }
  return Size{static_cast<int>(width), static_cast<int>(height)};
}

void swap_red_and_blue(std::uint8_t* pixels, std::size_t count) {
  for (std::uint8_t* const end = pixels + count * kChannels; pixels < end; pixels += kChannels) {
    std::swap(pixels[0], pixels[2]);
  }
}

std::optional<std::uint16_t> read_u16(std::span<const std::byte> bytes, std::size_t at, bool big_endian) {
  if (bytes.size() < 2 || at > bytes.size() - 2) return std::nullopt;
  const auto first = std::to_integer<unsigned>(bytes[at]);
  const auto second = std::to_integer<unsigned>(bytes[at + 1]);
  return static_cast<std::uint16_t>(big_endian ? first << 8 | second : second << 8 | first);
}

std::optional<std::uint32_t> read_u32(std::span<const std::byte> bytes, std::size_t at, bool big_endian) {
  const auto first = read_u16(bytes, at, big_endian);
  const auto second = first ? read_u16(bytes, at + 2, big_endian) : std::nullopt;
  if (!second) return std::nullopt;
  const std::uint32_t a = *first;
  const std::uint32_t b = *second;
  return big_endian ? a << 16 | b : b << 16 | a;
}

Result<Image> decode(std::span<const std::byte> bytes, const DecodeOptions& options) {
  auto decoded = decode_reduced(bytes, options, std::nullopt);
  if (!decoded) return std::move(decoded).error();
  return std::move(decoded->image);
}

Result<ReducedImage> decode_reduced(std::span<const std::byte> bytes, const DecodeOptions& options,
                                    const std::optional<Reduction>& reduction) {
  if (bytes.size() > options.limits.max_bytes) {
    return Error{Code::payload_too_large, "encoded image of " + std::to_string(bytes.size()) +
                                              " bytes is over the limit of " +
                                              std::to_string(options.limits.max_bytes) + " bytes"};
  }
  const Decoder decoder = decoder_for(bytes);
  if (!decoder) return not_an_image();
  try {
    Result<Decoded> decoded = reduction && decoder == decode_jpeg
                                  ? decode_jpeg_reduced(bytes, options.limits, *reduction)
                                  : decoder(bytes, options.limits);
    if (!decoded) return std::move(decoded).error();
    const int orientation = options.auto_orient ? decoded->orientation : 1;
    const Size stored = decoded->full == Size{} ? decoded->image.size() : decoded->full;
    return ReducedImage{upright(std::move(decoded->image), orientation), upright(stored, orientation)};
  } catch (const std::bad_alloc&) {
    return Error{Code::overloaded, "not enough memory to decode this image now"};
  }
}

}  // namespace osprey::image
