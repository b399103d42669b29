#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "fixtures.hpp"
#include "image/decode.hpp"

namespace osprey::image {
namespace {

using testing::Pixels;

struct OddImage {
  const char* name;
  Pixels pixels;
};

// The CRC-32 of what cv2.imdecode(..., IMREAD_COLOR) of OpenCV 4.12 gives.
const OddImage kOddImages[] = {
    {"cmyk.jpg", {{640, 480}, 0xEC82A4EB}},      {"exif3.jpg", {{640, 480}, 0x7547AB6F}},
    {"exif6.jpg", {{640, 480}, 0xBD2A4AC6}},     {"grey.jpg", {{640, 480}, 0x7FF4BC8B}},
    {"grey.png", {{640, 480}, 0x1F06A142}},      {"grey16.png", {{640, 480}, 0x1F06A142}},
    {"lossless.webp", {{640, 480}, 0x7AFB98CB}}, {"one.png", {{1, 1}, 0xA8072235}},
    {"palette.png", {{640, 480}, 0xDD2333B9}},   {"progressive.jpg", {{640, 480}, 0x732159FD}},
    {"rgb.bmp", {{640, 480}, 0x7AFB98CB}},       {"rgb.png", {{640, 480}, 0x7AFB98CB}},
    {"rgb.tiff", {{640, 480}, 0x7AFB98CB}},      {"rgb.webp", {{640, 480}, 0xBA4BA2CC}},
    {"rgba.png", {{640, 480}, 0x7AFB98CB}},      {"tall.jpg", {{97, 1500}, 0x9AAE2433}},
    {"thin.png", {{900, 7}, 0x6B5292D8}},
};

TEST(SharedImages, DecodeToThePixelsThatOpenCvGives) {
  const char* const set = std::getenv("OSPREY_SHARED");
  const std::filesystem::path folder =
      (set ? std::filesystem::path(set) / "images" : std::filesystem::path(OSPREY_SHARED_IMAGES)) / "odd";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no folder " << folder;
  for (const OddImage& odd : kOddImages) {
    SCOPED_TRACE(odd.name);
    const Result<Image> image = decode(testing::read_file(folder / odd.name), {});
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(testing::pixels_of(*image), odd.pixels);
  }
}

}  // namespace
}  // namespace osprey::image
