#include "service/image_source.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "image/encode.hpp"

namespace osprey::service {
namespace {

using Kind = ImageSource::Kind;

/// A grey picture of this width and height, as PNG bytes.
std::string png(int width, int height) {
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width * height), 200);
  const auto bytes = image::encode_png_grey(pixels, {width, height});
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

std::string base64(const std::string& bytes) {
  std::string text;
  append_base64(std::as_bytes(std::span(bytes.data(), bytes.size())), text);
  return text;
}

std::string cause(Kind kind, std::string_view data) {
  const auto image = load_image({kind, data}, {});
  return image ? "none" : image.error().message;
}

TEST(ImageSource, ReadsBase64WithAndWithoutADataUri) {
  const auto text = base64(png(5, 4));
  for (const auto& data : {text, "data:image/png;base64," + text, "data:image/jpeg;base64," + text,
                           text.substr(0, 10) + "\r\n " + text.substr(10)}) {
    const auto image = load_image({Kind::base64, data}, {});
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->image.size(), (image::Size{5, 4}));
    EXPECT_EQ(image->full, (image::Size{5, 4}));
  }
}

TEST(ImageSource, ReadsEncodedBytes) {
  const auto bytes = png(3, 2);
  EXPECT_TRUE(load_image({Kind::encoded, bytes}, {}));
}

TEST(ImageSource, SaysWhyItCannotBeRead) {
  EXPECT_EQ(cause(Kind::base64, ""), "Could not load input image. Cause: Empty image payload.");
  EXPECT_EQ(cause(Kind::base64, "@@@not base64"), "Could not load input image. Cause: Malformed base64 input image.");
  EXPECT_EQ(cause(Kind::base64, "!!!!"), "Could not load input image. Cause: Empty image payload.");
  EXPECT_EQ(cause(Kind::base64, "aGVsbG8gd29ybGQ="), "Could not load input image. Cause: Data is not image.");
  EXPECT_NE(cause(Kind::base64, png(2, 2)).find("raw bytes"), std::string::npos);
  EXPECT_NE(cause(Kind::pickled, "no pickle").find("Could not deserialize pickle payload."), std::string::npos);
}

TEST(ImageSource, HonoursTheLimits) {
  const auto bytes = png(20, 10);
  image::DecodeOptions options;
  options.limits.max_pixels = 199;
  const auto image = load_image({Kind::encoded, bytes}, options);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::payload_too_large);
  options.limits.max_pixels = 200;
  EXPECT_TRUE(load_image({Kind::encoded, bytes}, options));
}

}  // namespace
}  // namespace osprey::service
