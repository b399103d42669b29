#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vision/masks.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;

MaskRegion filled(int x, int y, Size size) {
  return {x, y, size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.width * size.height), 1)};
}

/// A region of the canvas's size from a predicate on (x, y).
template <typename Predicate>
MaskRegion drawn(Size size, Predicate inside) {
  MaskRegion mask{0, 0, size, {}};
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) mask.pixels.push_back(inside(x, y) ? 1 : 0);
  }
  return mask;
}

/// The runs of COCO's text, read by its description: five bits a character, sixth: more, sign in the fifth of the last.
std::vector<std::int64_t> decode(const std::string& text) {
  std::vector<std::int64_t> runs;
  std::size_t i = 0;
  while (i < text.size()) {
    std::int64_t value = 0;
    int bits = 0;
    bool more = true;
    while (more) {
      const int c = text[i++] - 48;
      value += static_cast<std::int64_t>(c & 31) * (std::int64_t{1} << bits);
      bits += 5;
      more = (c & 32) != 0;
      if (!more && (c & 16) != 0) value -= std::int64_t{1} << bits;
    }
    if (runs.size() > 2) value += runs[runs.size() - 2];
    runs.push_back(value);
  }
  return runs;
}

/// Column-major pixels of runs.
std::vector<std::uint8_t> pixels_of(const std::vector<std::int64_t>& runs) {
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    pixels.insert(pixels.end(), static_cast<std::size_t>(runs[i]), static_cast<std::uint8_t>(i % 2));
  }
  return pixels;
}

// Expected texts: pycocotools 2.0.11, mask.encode.
TEST(Rle, EqualsPycocotoolsForSmallMasks) {
  EXPECT_EQ(mask_rle(filled(1, 1, {3, 2}), {5, 4}), "5220003");
  EXPECT_EQ(mask_rle(MaskRegion{}, {5, 4}), "d0");
  EXPECT_EQ(mask_rle(filled(0, 0, {5, 4}), {5, 4}), "0d0");
  EXPECT_EQ(mask_rle(filled(0, 0, {1, 1}), {5, 4}), "01c0");
  EXPECT_EQ(mask_rle(filled(4, 3, {1, 1}), {5, 4}), "c01");
  EXPECT_EQ(mask_rle(filled(1, 0, {2, 4}), {5, 4}), "488");
  EXPECT_EQ(mask_rle(drawn({3, 3}, [](int x, int y) { return x % 2 == 0 && y % 2 == 0; }), {3, 3}), "011020N0");
  EXPECT_EQ(mask_rle(drawn({14, 9}, [](int x, int y) { return (x * 7 + y * 13) % 11 < 4; }), {14, 9}),
            "0240O010O010O010O010O010O010O010O010O010O010O00");
}

TEST(Rle, EqualsPycocotoolsForARing) {
  const auto ring = [](int x, int y) {
    const int square = (x - 300) * (x - 300) + (y - 200) * (y - 200);
    return square < 90 * 90 && square >= 20 * 20;
  };
  EXPECT_EQ(mask_rle(drawn({640, 480}, ring), {640, 480}),
            R"(kRS3k0P>:F:H6J6J6K4K6K4L4L4M2M4L4M2M4M2N2M4M2N2N2M4M2N2N2N2N2N2N2O0O2N2N2N2O0O2N2N2O0O2N2O)"
            R"(0O2O0O2N2O0O2O0O2O0O2O000O2O0O2O000O2O000O2O000O2O000000RMlF0S9OQG0n8NVG0j8OXG0h8N\G0d8O^G)"
            R"(0a80aG0^80bG0^8OdG0\8OfG0Z80fG0Z8OhG0X80hG0X8OjG0V80jG0V80jG0V80jG0V80jG0V80jG0V80jG0V80jG)"
            R"(0V80jG0V80jG0V80jG0V80jG0V80jG0V81hG0X80hG0X81fG0Z80fG0Z81dG0\81bG0^80bG0_80_G0b81\G0d82XG)"
            R"(0h81VG0j82RG0o81mF0T9n20000001N10001N10001N10001N101N10001N101N101N101N2N101N101N2N101N2N2)"
            R"(N101N2N2N2N101N2N2N2N2N2N2N3L3N2N2N3L3N2N3L3N3L4L3N3L4L4L5J5L5J6J6J8F:FZPe3)");
}

TEST(Rle, JoinsRunsOfFullColumns) {
  EXPECT_THAT(mask_runs(filled(1, 0, {2, 4}), {5, 4}), ElementsAre(4, 8, 8));
  EXPECT_THAT(mask_runs(filled(0, 0, {5, 4}), {5, 4}), ElementsAre(0, 20));
}

TEST(Rle, GivesBackRandomRegionsAnywhereOnTheCanvas) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
    const Size canvas{1 + below(150), 1 + below(40)};
    MaskRegion mask;
    mask.x = below(canvas.width);
    mask.y = below(canvas.height);
    mask.size = {1 + below(canvas.width - mask.x), 1 + below(canvas.height - mask.y)};
    const auto density = 1 + random() % 9;
    std::vector<std::uint8_t> expected(static_cast<std::size_t>(canvas.width * canvas.height), 0);
    for (int y = 0; y < mask.size.height; ++y) {
      for (int x = 0; x < mask.size.width; ++x) {
        const auto pixel = static_cast<std::uint8_t>(random() % 10 < density ? 1 : 0);
        mask.pixels.push_back(pixel);
        expected[static_cast<std::size_t>((mask.x + x) * canvas.height + mask.y + y)] = pixel;
      }
    }
    ASSERT_EQ(pixels_of(decode(mask_rle(mask, canvas))), expected) << round;
  }
}

TEST(Rle, CutsOffWhatLiesOutsideTheCanvas) {
  EXPECT_THAT(mask_runs(filled(-1, -1, {3, 3}), {4, 4}), ElementsAre(0, 2, 2, 2, 10));
  EXPECT_THAT(mask_runs(filled(3, 3, {5, 5}), {4, 4}), ElementsAre(15, 1));
  EXPECT_THAT(mask_runs(filled(9, 9, {2, 2}), {4, 4}), ElementsAre(16));
}

TEST(Rle, CountsBeyondThirtyTwoBits) {
  EXPECT_THAT(mask_runs({}, {65535, 65535}), ElementsAre(65535LL * 65535));
}

}  // namespace
}  // namespace osprey::vision
