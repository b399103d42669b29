// TIFF by libtiff's RGBA reader, which knows every common layout; of several pages the first.
#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <vector>

#include "image/formats.hpp"
#include "image/orientation.hpp"

namespace osprey::image {

namespace {

// The bytes and how far libtiff has read them; its callbacks get a pointer to this.
struct Source {
  std::span<const std::byte> bytes;
  toff_t position = 0;
};

tmsize_t read_source(thandle_t handle, void* out, tmsize_t wanted) {
  auto& source = *static_cast<Source*>(handle);
  const auto left = static_cast<tmsize_t>(source.bytes.size() - source.position);
  const tmsize_t count = std::clamp<tmsize_t>(wanted, 0, left);
  std::memcpy(out, source.bytes.data() + source.position, static_cast<std::size_t>(count));
  source.position += static_cast<toff_t>(count);
  return count;
}

tmsize_t write_source(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek_source(thandle_t handle, toff_t offset, int whence) {
  auto& source = *static_cast<Source*>(handle);
  const toff_t size = source.bytes.size();
  const toff_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source.position : size;
  source.position = std::min(base + offset, size);
  return source.position;
}

int close_source(thandle_t) {
  return 0;
}

toff_t size_of_source(thandle_t handle) {
  return static_cast<Source*>(handle)->bytes.size();
}

// Mapped, strips are decoded where they lie. libtiff never writes there: its own mapping of files is read-only.
int map_source(thandle_t handle, void** base, toff_t* size) {
  auto& source = *static_cast<Source*>(handle);
  *base = const_cast<std::byte*>(source.bytes.data());
  *size = source.bytes.size();
  return 1;
}

void unmap_source(thandle_t, void*, toff_t) {}

int ignore_message(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

struct TiffDeleter {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using Tiff = std::unique_ptr<TIFF, TiffDeleter>;

Tiff open(Source& source, const DecodeLimits& limits) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  if (!options) return nullptr;
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), ignore_message, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_message, nullptr);
  // Room for one strip of the whole image in 16-bit RGBA; a file cannot make libtiff ask for more.
  constexpr tmsize_t kBytesPerPixel = 8;
  constexpr tmsize_t kOther = tmsize_t{1} << 20;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), limits.max_pixels * kBytesPerPixel + kOther);
  return Tiff(TIFFClientOpenExt("image", "r", &source, read_source, write_source, seek_source, close_source,
                                size_of_source, map_source, unmap_source, options.get()));
}

// Rows that are stored together: decoding others would decode some of them twice. 0 = tiles that are out of bounds.
std::uint32_t rows_per_block(TIFF* tiff, Size size, const DecodeLimits& limits) {
  const auto height = static_cast<std::uint32_t>(size.height);
  std::uint32_t rows = height;
  if (TIFFIsTiled(tiff)) {
    std::uint32_t columns = 0;
    rows = 0;
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &columns);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &rows);
    if (std::uint64_t{columns} * rows > static_cast<std::uint64_t>(limits.max_pixels)) return 0;
  } else {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
  }
  return std::min(rows, height);
}

bool decode_rows(TIFF* tiff, Image& image, std::uint32_t block_rows) {
  char message[1024];
  TIFFRGBAImage reader;
  // 0: a strip whose coded data is bad gives what could be decoded of it, as OpenCV has it.
  if (!TIFFRGBAImageOK(tiff, message) || !TIFFRGBAImageBegin(&reader, tiff, 0, message)) return false;
  const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> end(&reader, TIFFRGBAImageEnd);
  reader.req_orientation = reader.orientation;  // rows as they are stored, first one first

  const auto width = static_cast<std::uint32_t>(image.size().width);
  const auto height = static_cast<std::uint32_t>(image.size().height);
  if (reader.width != width || reader.height != height) return false;
  std::vector<std::uint32_t> raster(std::size_t{width} * block_rows);
  for (std::uint32_t y = 0; y < height; y += block_rows) {
    const std::uint32_t rows = std::min(block_rows, height - y);
    reader.row_offset = static_cast<int>(y);
    reader.col_offset = 0;
    if (!TIFFRGBAImageGet(&reader, raster.data(), width, rows)) return false;
    std::uint8_t* out = image.row(static_cast<int>(y));
    for (std::size_t i = 0; i < std::size_t{width} * rows; ++i, out += kChannels) {
      out[0] = static_cast<std::uint8_t>(TIFFGetB(raster[i]));
      out[1] = static_cast<std::uint8_t>(TIFFGetG(raster[i]));
      out[2] = static_cast<std::uint8_t>(TIFFGetR(raster[i]));
    }
  }
  return true;
}

}  // namespace

Result<Decoded> decode_tiff(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  Source source{bytes};
  const Tiff tiff = open(source, limits);
  if (!tiff) return not_an_image();
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  const Result<Size> size = checked_size(width, height, limits);
  if (!size) return size.error();

  const std::uint32_t block_rows = rows_per_block(tiff.get(), *size, limits);
  Image image(*size);
  if (block_rows == 0 || !decode_rows(tiff.get(), image, block_rows)) return not_an_image();
  // OpenCV turns a TIFF upright even where it is told to ignore the orientation, so nothing is left to apply.
  std::uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetField(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  return Decoded{upright(std::move(image), orientation), 1};
}

}  // namespace osprey::image
