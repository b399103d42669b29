// PNG by libspng.
#include <spng.h>

#include <memory>

#include "image/exif.hpp"
#include "image/formats.hpp"

namespace osprey::image {

namespace {

struct ContextDeleter {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, ContextDeleter>;

// Of one ancillary chunk, and of all that are kept: colour profiles, texts, EXIF.
constexpr std::size_t kMaxChunk = std::size_t{8} << 20;
constexpr std::size_t kMaxChunks = std::size_t{16} << 20;

// libspng's RGB8 takes the high byte of 16-bit samples, widens small ones and ignores alpha, as OpenCV does.
bool decode_rows(spng_ctx* context, Image& image) {
  if (spng_decode_image(context, nullptr, 0, SPNG_FMT_RGB8, SPNG_DECODE_PROGRESSIVE) != SPNG_OK) return false;
  const auto stride = static_cast<std::size_t>(image.stride());
  for (int y = 0; y < image.size().height; ++y) {
    const int error = spng_decode_row(context, image.row(y), stride);
    if (error != SPNG_OK && error != SPNG_EOI) return false;
    swap_red_and_blue(image.row(y), stride / kChannels);  // while the row is in the cache
  }
  return true;
}

// An interlaced image's rows come several times, each time with more pixels: it is swapped at the end.
bool decode_interlaced(spng_ctx* context, Image& image) {
  const std::size_t length = Image::byte_count(image.size());
  if (spng_decode_image(context, image.data(), length, SPNG_FMT_RGB8, 0) != SPNG_OK) return false;
  swap_red_and_blue(image.data(), length / kChannels);
  return true;
}

}  // namespace

Result<Decoded> decode_png(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  const Context context(spng_ctx_new(0));
  if (!context) return Error{Code::internal, "libspng cannot start"};
  spng_set_chunk_limits(context.get(), kMaxChunk, kMaxChunks);
  spng_ihdr header{};
  if (spng_set_png_buffer(context.get(), bytes.data(), bytes.size()) != SPNG_OK ||
      spng_get_ihdr(context.get(), &header) != SPNG_OK) {
    return not_an_image();
  }
  const Result<Size> size = checked_size(header.width, header.height, limits);
  if (!size) return size.error();

  Decoded decoded{Image(*size), 1};
  const bool done = header.interlace_method == SPNG_INTERLACE_NONE ? decode_rows(context.get(), decoded.image)
                                                                   : decode_interlaced(context.get(), decoded.image);
  // EXIF may stand behind the pixels; a file that ends before its last chunk is refused, as by OpenCV.
  if (!done || spng_decode_chunks(context.get()) != SPNG_OK) return not_an_image();
  spng_exif exif{};
  if (spng_get_exif(context.get(), &exif) == SPNG_OK) {
    decoded.orientation = exif_orientation(std::as_bytes(std::span(exif.data, exif.length)));
  }
  return decoded;
}

}  // namespace osprey::image
