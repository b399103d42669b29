// WebP by libwebp; of an animation the first frame. EXIF is left alone, as OpenCV 4.12 leaves it.
#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>

#include "image/formats.hpp"

namespace osprey::image {

namespace {

struct DemuxerDeleter {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};

bool decode_into(const std::uint8_t* data, std::size_t length, Image& image, std::uint8_t* out) {
  const auto room = Image::byte_count(image.size()) - static_cast<std::size_t>(out - image.data());
  return WebPDecodeBGRInto(data, length, out, room, static_cast<int>(image.stride())) != nullptr;
}

// The first frame may cover only a part of the picture: the rest is black.
bool decode_first_frame(std::span<const std::byte> bytes, Image& image) {
  const WebPData data{as_uchar(bytes), bytes.size()};
  const std::unique_ptr<WebPDemuxer, DemuxerDeleter> demuxer(WebPDemux(&data));
  if (!demuxer) return false;
  const auto [width, height] = image.size();
  WebPIterator frame{};
  bool done = WebPDemuxGetFrame(demuxer.get(), 1, &frame) != 0;
  // The frame's chunk says its size once, its coded data again: they must agree, or it would be written too wide.
  int frame_width = 0;
  int frame_height = 0;
  done = done && WebPGetInfo(frame.fragment.bytes, frame.fragment.size, &frame_width, &frame_height) != 0 &&
         frame.x_offset >= 0 && frame.y_offset >= 0 && frame_width <= width - frame.x_offset &&
         frame_height <= height - frame.y_offset;
  if (done) {
    std::memset(image.data(), 0, Image::byte_count(image.size()));
    done = decode_into(frame.fragment.bytes, frame.fragment.size, image,
                       image.row(frame.y_offset) + frame.x_offset * kChannels);
  }
  WebPDemuxReleaseIterator(&frame);
  return done;
}

}  // namespace

Result<Decoded> decode_webp(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(as_uchar(bytes), bytes.size(), &features) != VP8_STATUS_OK) return not_an_image();
  const Result<Size> size = checked_size(features.width, features.height, limits);
  if (!size) return size.error();

  Decoded decoded{Image(*size), 1};
  const bool done = features.has_animation
                        ? decode_first_frame(bytes, decoded.image)
                        : decode_into(as_uchar(bytes), bytes.size(), decoded.image, decoded.image.data());
  if (!done) return not_an_image();
  return decoded;
}

}  // namespace osprey::image
