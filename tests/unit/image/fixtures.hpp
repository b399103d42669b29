// The files that make_fixtures.py and make_pickles.py wrote, and what they say must come of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "image/image.hpp"

namespace osprey::image::testing {

using Bytes = std::vector<std::byte>;

/// The whole file; fails the test that asks for one that is not there.
[[nodiscard]] Bytes read_file(const std::string& path);

/// A file of the fixtures folder.
[[nodiscard]] Bytes read_fixture(const std::string& name);

/// Size and CRC-32 of the BGR rows.
struct Pixels {
  Size size;
  std::uint32_t crc = 0;
  friend bool operator==(const Pixels&, const Pixels&) = default;
};

/// How GoogleTest prints it.
void PrintTo(const Pixels& pixels, std::ostream* out);

[[nodiscard]] Pixels pixels_of(const Image& image);

/// A line of expected.txt.
struct Expectation {
  std::string name;
  bool refused = false;
  Pixels upright;
  Pixels stored;
};

[[nodiscard]] std::vector<Expectation> expectations();

/// The pickles by their names.
[[nodiscard]] std::map<std::string, Bytes> pickles();

/// A few bytes written as text.
[[nodiscard]] inline std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace osprey::image::testing
