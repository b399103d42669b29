#include "service/image_source.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "image/ndarray.hpp"

namespace osprey::service {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// The text behind a prefix of the form data:image/<letters>;base64, or the whole text.
std::string_view without_data_uri(std::string_view text) {
  constexpr std::string_view kStart = "data:image/";
  constexpr std::string_view kEnd = ";base64,";
  if (!text.starts_with(kStart)) return text;
  const auto type_end =
      std::find_if_not(text.begin() + kStart.size(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const auto rest = text.substr(static_cast<std::size_t>(type_end - text.begin()));
  if (rest.size() == text.size() - kStart.size() || !rest.starts_with(kEnd)) return text;
  return rest.substr(kEnd.size());
}

bool looks_like_encoded_image(std::string_view text) {
  using namespace std::string_view_literals;
  return text.starts_with("\xFF\xD8"sv) || text.starts_with("\x89PNG"sv) || text.starts_with("RIFF"sv) ||
         text.starts_with("GIF8"sv);
}

Result<std::vector<std::byte>> decoded_base64(std::string_view text) {
  if (looks_like_encoded_image(text)) {
    return Error{
        Code::invalid_argument,
        "Invalid base64 input: the payload holds the image's raw bytes. Encode them as base64, or send them as "
        "multipart/form-data in a part named 'file'."};
  }
  auto bytes = decode_base64(text);
  if (!bytes) return Error{Code::invalid_argument, "Malformed base64 input image."};
  if (bytes->empty()) return Error{Code::invalid_argument, "Empty image payload."};
  return bytes;
}

/// All of a pickled array's pixels.
Result<image::ReducedImage> load_pickled(std::span<const std::byte> bytes, const image::DecodeOptions& options) {
  auto pixels = image::image_from_pickled_ndarray(bytes, options.limits);
  if (!pixels) return std::move(pixels).error();
  const auto size = pixels->size();
  return image::ReducedImage{std::move(pixels).value(), size};
}

Result<image::ReducedImage> load(const ImageSource& source, const image::DecodeOptions& options,
                                 const std::optional<image::Reduction>& reduction) {
  if (source.data.empty()) return Error{Code::invalid_argument, "Empty image payload."};
  switch (source.kind) {
    case ImageSource::Kind::encoded: return image::decode_reduced(bytes_of(source.data), options, reduction);
    case ImageSource::Kind::pickled: return load_pickled(bytes_of(source.data), options);
    case ImageSource::Kind::base64: {
      auto bytes = decoded_base64(without_data_uri(source.data));
      if (!bytes) return std::move(bytes).error();
      return image::decode_reduced(*bytes, options, reduction);
    }
    case ImageSource::Kind::base64_pickled: {
      auto bytes = decoded_base64(source.data);
      if (!bytes) return std::move(bytes).error();
      return load_pickled(*bytes, options);
    }
    case ImageSource::Kind::url: break;
  }
  return Error{Code::internal, "a URL has to be fetched first"};
}

}  // namespace

Error image_error(Error cause) {
  cause.message.insert(0, "Could not load input image. Cause: ");
  return cause;
}

Result<image::ReducedImage> load_image(const ImageSource& source, const image::DecodeOptions& options,
                                       const std::optional<image::Reduction>& reduction) {
  auto image = load(source, options, reduction);
  if (!image) return image_error(std::move(image).error());
  return image;
}

}  // namespace osprey::service
