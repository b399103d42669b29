// JPEG by TurboJPEG: the accurate DCT and smooth upsampling, as OpenCV decodes.
#include <turbojpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>

#include "image/exif.hpp"
#include "image/formats.hpp"
#include "image/orientation.hpp"

namespace osprey::image {

namespace {

struct HandleDeleter {
  void operator()(tjhandle handle) const { tjDestroy(handle); }
};
// Made anew for each image: it costs microseconds, and a kept one would hold the buffers of the largest image seen.
using Handle = std::unique_ptr<std::remove_pointer_t<tjhandle>, HandleDeleter>;

constexpr unsigned kTemporary = 0x01;
constexpr unsigned kFirstRestart = 0xD0;
constexpr unsigned kStartOfImage = 0xD8;
constexpr unsigned kEndOfImage = 0xD9;
constexpr unsigned kStartOfScan = 0xDA;
constexpr unsigned kApp1 = 0xE1;

// Walks from marker to marker: over segments by their length, through the coded data by its 0xFF bytes.
class Markers {
 public:
  explicit Markers(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // Goes to the next marker. Returns it, or 0 where the bytes end first.
  unsigned next() {
    while (position_ < bytes_.size()) {
      const auto* const found =
          static_cast<const std::byte*>(std::memchr(bytes_.data() + position_, 0xFF, bytes_.size() - position_));
      if (!found) break;
      position_ = static_cast<std::size_t>(found - bytes_.data()) + 1;
      while (position_ < bytes_.size() && bytes_[position_] == std::byte{0xFF}) ++position_;  // fill bytes
      if (position_ == bytes_.size()) break;
      const auto marker = std::to_integer<unsigned>(bytes_[position_++]);
      if (marker <= kTemporary || (marker >= kFirstRestart && marker <= kStartOfImage)) continue;  // has no segment
      if (marker == kEndOfImage) return marker;
      const auto length = read_u16(bytes_, position_, true);
      if (!length || *length < 2 || *length > bytes_.size() - position_) break;
      segment_ = bytes_.subspan(position_ + 2, *length - 2u);
      position_ += *length;
      return marker;
    }
    position_ = bytes_.size();
    return 0;
  }

  // What the marker's segment holds.
  [[nodiscard]] std::span<const std::byte> segment() const { return segment_; }

 private:
  std::span<const std::byte> bytes_;
  std::span<const std::byte> segment_;
  std::size_t position_ = 0;
};

int orientation_of(std::span<const std::byte> bytes) {
  constexpr std::string_view kExif{"Exif\0\0", 6};
  Markers markers(bytes);
  for (unsigned marker = markers.next(); marker != 0 && marker != kStartOfScan; marker = markers.next()) {
    const auto segment = markers.segment();
    if (marker == kApp1 && segment.size() > kExif.size() &&
        std::memcmp(segment.data(), kExif.data(), kExif.size()) == 0) {
      return exif_orientation(segment.subspan(kExif.size()));
    }
  }
  return 1;
}

bool has_end(std::span<const std::byte> bytes) {
  Markers markers(bytes);
  unsigned marker = markers.next();
  while (marker != 0 && marker != kEndOfImage) marker = markers.next();
  return marker == kEndOfImage;
}

// Bad coded data only draws a warning and is decoded as far as it makes sense; a file that ends early is refused.
// OpenCV does both. A smaller `size` than the header's must be one of TurboJPEG's scaled ones.
bool decompress(tjhandle handle, std::span<const std::byte> bytes, std::uint8_t* out, Size size, int format) {
  const int done = tjDecompress2(handle, as_uchar(bytes), bytes.size(), out, size.width, 0, size.height, format,
                                 TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS);
  return done == 0 || (tjGetErrorCode(handle) == TJERR_WARNING && has_end(bytes));
}

// OpenCV's own formula. Like it, takes the inks as inverted, as Adobe's programs write them.
void cmyk_to_bgr(const std::uint8_t* cmyk, Image& image) {
  const std::size_t count = Image::byte_count(image.size()) / kChannels;
  std::uint8_t* bgr = image.data();
  for (std::size_t i = 0; i < count; ++i, cmyk += 4, bgr += kChannels) {
    const int black = cmyk[3];
    for (int c = 0; c < kChannels; ++c) {
      bgr[kChannels - 1 - c] = static_cast<std::uint8_t>(black - ((255 - cmyk[c]) * black >> 8));
    }
  }
}

// The header's own words.
struct Header {
  Size size;
  int colorspace = -1;
};

Result<Header> read_header(tjhandle handle, std::span<const std::byte> bytes, const DecodeLimits& limits) {
  // Fails also for warnings and for rare subsamplings that can still be decoded; then the size is set all the same.
  int width = 0;
  int height = 0;
  int subsampling = -1;
  int colorspace = -1;
  (void)tjDecompressHeader3(handle, as_uchar(bytes), bytes.size(), &width, &height, &subsampling, &colorspace);
  if (colorspace < 0) return not_an_image();
  const Result<Size> size = checked_size(width, height, limits);
  if (!size) return size.error();
  return Header{*size, colorspace};
}

// The divisor of both sides: 1, 2, 4 or 8. `target` lies as the picture is stored.
int divisor_for(Size size, Size target, bool inside) {
  const double across = static_cast<double>(target.width) / size.width;
  const double down = static_cast<double>(target.height) / size.height;
  const double scale = inside ? std::min(across, down) : std::max(across, down);
  int divisor = 8;
  while (divisor > 1 && scale * divisor > 1) divisor /= 2;
  return divisor;
}

Result<Decoded> decode_to(tjhandle handle, std::span<const std::byte> bytes, int colorspace, Size size) {
  Decoded decoded{Image(size), 1};
  if (colorspace == TJCS_CMYK || colorspace == TJCS_YCCK) {
    const auto cmyk = std::make_unique_for_overwrite<std::uint8_t[]>(Image::byte_count(size) / kChannels * 4);
    if (!decompress(handle, bytes, cmyk.get(), size, TJPF_CMYK)) return not_an_image();
    cmyk_to_bgr(cmyk.get(), decoded.image);
  } else if (!decompress(handle, bytes, decoded.image.data(), size, TJPF_BGR)) {
    return not_an_image();
  }
  decoded.orientation = orientation_of(bytes);
  return decoded;
}

}  // namespace

Result<Decoded> decode_jpeg(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  const Handle handle(tjInitDecompress());
  if (!handle) return Error{Code::internal, "TurboJPEG cannot start"};
  const auto header = read_header(handle.get(), bytes, limits);
  if (!header) return header.error();
  return decode_to(handle.get(), bytes, header->colorspace, header->size);
}

Result<Decoded> decode_jpeg_reduced(std::span<const std::byte> bytes, const DecodeLimits& limits,
                                    const Reduction& reduction) {
  const Handle handle(tjInitDecompress());
  if (!handle) return Error{Code::internal, "TurboJPEG cannot start"};
  const auto header = read_header(handle.get(), bytes, limits);
  if (!header) return header.error();
  // A stored picture that lies on its side has a target that does, too.
  const int divisor = divisor_for(header->size, upright(reduction.target, orientation_of(bytes)), reduction.inside);
  const tjscalingfactor factor{1, divisor};
  auto decoded = decode_to(handle.get(), bytes, header->colorspace,
                           {TJSCALED(header->size.width, factor), TJSCALED(header->size.height, factor)});
  if (decoded) decoded->full = header->size;
  return decoded;
}

}  // namespace osprey::image
