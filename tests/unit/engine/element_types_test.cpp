#include "engine/onnxruntime/element_types.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace osprey::engine::ort {
namespace {

template <typename Bits>
std::vector<float> read(ElementType type, const std::vector<Bits>& elements) {
  std::vector<float> values(elements.size());
  to_float32(type, elements.data(), values);
  return values;
}

template <typename Bits>
std::vector<Bits> write(const std::vector<float>& values, ElementType type) {
  std::vector<Bits> elements(values.size());
  from_float32(values, type, elements.data());
  return elements;
}

// Bit patterns from IEEE 754: 1, -2, the largest half, the smallest subnormal.
TEST(ElementTypes, ReadsHalves) {
  EXPECT_EQ(read<std::uint16_t>(ElementType::float16, {0x3C00, 0xC000, 0x7BFF, 0x0001}),
            (std::vector<float>{1.0F, -2.0F, 65504.0F, std::ldexp(1.0F, -24)}));
}

TEST(ElementTypes, WritesHalvesToTheNearest) {
  EXPECT_EQ(write<std::uint16_t>({1.0F, -2.0F, 65504.0F, 0.1F, 1e6F}, ElementType::float16),
            (std::vector<std::uint16_t>{0x3C00, 0xC000, 0x7BFF, 0x2E66, 0x7C00}));
}

TEST(ElementTypes, ReadsAndWritesBFloat16ToTheNearestEven) {
  EXPECT_EQ(read<std::uint16_t>(ElementType::bfloat16, {0x3F80, 0xC000, 0x3DCD}),
            (std::vector<float>{1.0F, -2.0F, 0.10009765625F}));
  // 1 + 1/256 lies between 0x3F80 and 0x3F81; 1 + 3/256 between 0x3F81 and 0x3F82: both ties.
  EXPECT_EQ(write<std::uint16_t>({1.0F, 1.0F + 1.0F / 256, 1.0F + 3.0F / 256}, ElementType::bfloat16),
            (std::vector<std::uint16_t>{0x3F80, 0x3F80, 0x3F82}));
  const auto nan = write<std::uint16_t>({std::numeric_limits<float>::quiet_NaN()}, ElementType::bfloat16);
  EXPECT_TRUE(std::isnan(read<std::uint16_t>(ElementType::bfloat16, nan)[0]));
}

TEST(ElementTypes, ReadsIntegersAndBooleans) {
  EXPECT_EQ(read<std::int64_t>(ElementType::int64, {-3, 1 << 20}), (std::vector<float>{-3, 1 << 20}));
  EXPECT_EQ(read<std::int8_t>(ElementType::int8, {-128, 127}), (std::vector<float>{-128, 127}));
  EXPECT_EQ(read<std::uint8_t>(ElementType::uint8, {0, 255}), (std::vector<float>{0, 255}));
  EXPECT_EQ(read<std::uint8_t>(ElementType::boolean, {0, 1, 2}), (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(read<double>(ElementType::float64, {0.5, -4.0}), (std::vector<float>{0.5F, -4.0F}));
}

TEST(ElementTypes, WritesIntegersWithoutOverflow) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(write<std::uint8_t>({-1.0F, 3.9F, 256.0F, nan}, ElementType::uint8),
            (std::vector<std::uint8_t>{0, 3, 255, 0}));
  EXPECT_EQ(write<std::int32_t>({-3.9F, 3e9F, -infinity}, ElementType::int32),
            (std::vector<std::int32_t>{-3, std::numeric_limits<std::int32_t>::max(),
                                       std::numeric_limits<std::int32_t>::min()}));
  EXPECT_EQ(
      write<std::int64_t>({infinity, -1e30F}, ElementType::int64),
      (std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}));
  EXPECT_EQ(write<std::uint8_t>({0.0F, 0.25F}, ElementType::boolean), (std::vector<std::uint8_t>{0, 1}));
}

TEST(ElementTypes, ReadsUnalignedMemory) {
  std::array<std::byte, 9> bytes{};
  const std::int64_t element = 77;
  std::memcpy(bytes.data() + 1, &element, sizeof(element));
  float value = 0;
  to_float32(ElementType::int64, bytes.data() + 1, std::span(&value, 1));
  EXPECT_EQ(value, 77.0F);
}

TEST(ElementTypes, KnowsTheNumbersThatItConverts) {
  EXPECT_EQ(element_type_of(1), ElementType::float32);
  EXPECT_EQ(element_type_of(10), ElementType::float16);
  EXPECT_EQ(element_bytes(ElementType::float16), 2U);
  EXPECT_EQ(element_bytes(ElementType::boolean), 1U);
  EXPECT_EQ(element_bytes(ElementType::int64), 8U);
  for (const int number : {0, 8, 14, 15, 17, 21, -1}) EXPECT_FALSE(element_type_of(number)) << number;
}

}  // namespace
}  // namespace osprey::engine::ort
