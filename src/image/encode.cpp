#include "image/encode.hpp"

#include <spng.h>
#include <turbojpeg.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <type_traits>

namespace osprey::image {

namespace {

std::string text(Size size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height) + " pixels";
}

std::vector<std::byte> copied(const void* data, std::size_t length) {
  const auto* const first = static_cast<const std::byte*>(data);
  return {first, first + length};
}

}  // namespace

Result<std::vector<std::byte>> encode_jpeg(ImageView image, int quality) {
  constexpr int kMaxSide = 65'535;
  const auto [width, height] = image.size;
  if (quality < 1 || quality > 100) {
    return Error{Code::invalid_argument, "JPEG quality is " + std::to_string(quality) + ", must be 1 to 100"};
  }
  if (width <= 0 || height <= 0 || width > kMaxSide || height > kMaxSide) {
    return Error{Code::invalid_argument, "an image of " + text(image.size) + " cannot be a JPEG: 1 to 65535 a side"};
  }
  const std::unique_ptr<std::remove_pointer_t<tjhandle>, decltype(&tjDestroy)> handle(tjInitCompress(), tjDestroy);
  if (!handle) return Error{Code::internal, "TurboJPEG cannot start"};
  unsigned char* encoded = nullptr;
  unsigned long length = 0;
  const int done = tjCompress2(handle.get(), image.data, width, static_cast<int>(image.stride), height, TJPF_BGR,
                               &encoded, &length, TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
  const std::unique_ptr<unsigned char, decltype(&tjFree)> owner(encoded, tjFree);
  if (done != 0) return Error{Code::internal, std::string("cannot write a JPEG: ") + tjGetErrorStr2(handle.get())};
  return copied(encoded, length);
}

Result<std::vector<std::byte>> encode_png_grey(std::span<const std::uint8_t> pixels, Size size) {
  const auto [width, height] = size;
  if (width <= 0 || height <= 0 ||
      pixels.size() / static_cast<std::size_t>(width) != static_cast<std::size_t>(height) ||
      pixels.size() % static_cast<std::size_t>(width) != 0) {
    return Error{Code::invalid_argument,
                 std::to_string(pixels.size()) + " bytes are not a grey image of " + text(size)};
  }
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> context(spng_ctx_new(SPNG_CTX_ENCODER), spng_ctx_free);
  if (!context) return Error{Code::internal, "libspng cannot start"};
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(width);
  header.height = static_cast<std::uint32_t>(height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_GRAYSCALE;
  int error = spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  if (error == SPNG_OK) error = spng_set_ihdr(context.get(), &header);
  if (error == SPNG_OK) {
    error = spng_encode_image(context.get(), pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  }
  std::size_t length = 0;
  void* const encoded = error == SPNG_OK ? spng_get_png_buffer(context.get(), &length, &error) : nullptr;
  const std::unique_ptr<void, decltype(&std::free)> owner(encoded, std::free);
  if (!encoded) return Error{Code::internal, std::string("cannot write a PNG: ") + spng_strerror(error)};
  return copied(encoded, length);
}

}  // namespace osprey::image
