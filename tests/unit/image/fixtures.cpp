#include "fixtures.hpp"

#include <gtest/gtest.h>

#include <boost/crc.hpp>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <ostream>
#include <sstream>

namespace osprey::image::testing {

namespace {

// "13x9 9338c99b"
Pixels read_pixels(std::istream& in) {
  Pixels pixels;
  char by = 0;
  in >> pixels.size.width >> by >> pixels.size.height >> std::hex >> pixels.crc >> std::dec;
  return pixels;
}

Bytes from_base64(const std::string& text) {
  static const std::string kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Bytes out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = (bits << 6 | static_cast<unsigned>(kAlphabet.find(c))) & 0xFFFFFF;
    count += 6;
    if (count >= 8) out.push_back(static_cast<std::byte>(bits >> (count -= 8) & 255));
  }
  return out;
}

}  // namespace

Bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << "no file " << path;
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes read_fixture(const std::string& name) {
  return read_file(std::string(OSPREY_IMAGE_FIXTURES "/") + name);
}

void PrintTo(const Pixels& pixels, std::ostream* out) {
  *out << pixels.size.width << "x" << pixels.size.height << " " << std::hex << std::setw(8) << std::setfill('0')
       << pixels.crc << std::dec;
}

Pixels pixels_of(const Image& image) {
  boost::crc_32_type crc;
  crc.process_bytes(image.data(), Image::byte_count(image.size()));
  return {image.size(), crc.checksum()};
}

std::vector<Expectation> expectations() {
  std::vector<Expectation> out;
  std::ifstream in(OSPREY_IMAGE_FIXTURES "/expected.txt");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    Expectation expectation;
    words >> expectation.name;
    expectation.refused = line.ends_with(" refused");
    if (!expectation.refused) {
      expectation.upright = read_pixels(words);
      expectation.stored = read_pixels(words);
    }
    out.push_back(expectation);
  }
  return out;
}

std::map<std::string, Bytes> pickles() {
  std::map<std::string, Bytes> out;
  std::ifstream in(OSPREY_IMAGE_FIXTURES "/pickles.txt");
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.find(' ');
    out[line.substr(0, space)] = from_base64(line.substr(space + 1));
  }
  return out;
}

}  // namespace osprey::image::testing
