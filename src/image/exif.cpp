#include "image/exif.hpp"

#include "image/formats.hpp"

namespace osprey::image {

namespace {

constexpr std::uint16_t kOrientationTag = 274;
constexpr std::size_t kEntrySize = 12;   // tag, type, count, value
constexpr std::size_t kValueOffset = 8;  // of a value that fits into its entry

}  // namespace

int exif_orientation(std::span<const std::byte> block) {
  if (block.size() < 8 || block[0] != block[1]) return 1;
  if (block[0] != std::byte{'I'} && block[0] != std::byte{'M'}) return 1;
  const bool big_endian = block[0] == std::byte{'M'};
  if (read_u16(block, 2, big_endian) != 42) return 1;

  const std::size_t directory = read_u32(block, 4, big_endian).value_or(0);
  const std::size_t entries = read_u16(block, directory, big_endian).value_or(0);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntrySize;
    const auto tag = read_u16(block, entry, big_endian);
    if (!tag) return 1;
    if (*tag != kOrientationTag) continue;
    const int orientation = read_u16(block, entry + kValueOffset, big_endian).value_or(1);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

}  // namespace osprey::image
