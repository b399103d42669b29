#include "image/orientation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace osprey::image {
namespace {

// An image whose pixels are the letters of `rows`, the same in all channels but for one added to each further channel.
Image image_of(const std::vector<std::string>& rows) {
  Image image({static_cast<int>(rows[0].size()), static_cast<int>(rows.size())});
  std::uint8_t* out = image.data();
  for (const std::string& row : rows) {
    for (const char letter : row) {
      for (int c = 0; c < kChannels; ++c) *out++ = static_cast<std::uint8_t>(letter + c);
    }
  }
  return image;
}

std::vector<std::string> rows_of(const Image& image) {
  std::vector<std::string> rows;
  for (int y = 0; y < image.size().height; ++y) {
    std::string row;
    for (int x = 0; x < image.size().width; ++x) {
      const std::uint8_t* const pixel = image.view().row(y) + x * kChannels;
      row += pixel[1] == pixel[0] + 1 && pixel[2] == pixel[0] + 2 ? static_cast<char>(pixel[0]) : '!';
    }
    rows.push_back(row);
  }
  return rows;
}

using Rows = std::vector<std::string>;

// Where the stored first row and first column are to be shown, as the EXIF standard tabulates them.
TEST(Orientation, TurnsAsTheExifStandardSays) {
  const Rows stored{"abc", "def"};
  const auto shown = [&](int orientation) { return rows_of(upright(image_of(stored), orientation)); };
  EXPECT_EQ(shown(1), (Rows{"abc", "def"}));
  EXPECT_EQ(shown(2), (Rows{"cba", "fed"}));
  EXPECT_EQ(shown(3), (Rows{"fed", "cba"}));
  EXPECT_EQ(shown(4), (Rows{"def", "abc"}));
  EXPECT_EQ(shown(5), (Rows{"ad", "be", "cf"}));
  EXPECT_EQ(shown(6), (Rows{"da", "eb", "fc"}));
  EXPECT_EQ(shown(7), (Rows{"fc", "eb", "da"}));
  EXPECT_EQ(shown(8), (Rows{"cf", "be", "ad"}));
}

TEST(Orientation, LeavesTheImageForAnythingElse) {
  EXPECT_EQ(rows_of(upright(image_of({"ab"}), 0)), Rows{"ab"});
  EXPECT_EQ(rows_of(upright(image_of({"ab"}), 9)), Rows{"ab"});
}

TEST(Orientation, ComesBackAfterFourQuarterTurnsOfAnImageLargerThanABlock) {
  Image image({70, 45});
  for (std::size_t i = 0; i < Image::byte_count(image.size()); ++i)
    image.data()[i] = static_cast<std::uint8_t>(i * 7 % 251);
  const std::vector<std::uint8_t> before(image.data(), image.data() + Image::byte_count(image.size()));
  for (int turn = 0; turn < 4; ++turn) {
    image = upright(std::move(image), 6);
    EXPECT_EQ(image.size(), turn % 2 == 0 ? (Size{45, 70}) : (Size{70, 45}));
  }
  EXPECT_EQ(std::vector<std::uint8_t>(image.data(), image.data() + before.size()), before);
}

}  // namespace
}  // namespace osprey::image
