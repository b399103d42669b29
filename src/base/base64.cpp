#include "base/base64.hpp"

#include <array>
#include <cstdint>

namespace osprey {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kSkipped = 0xFF;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kSkipped);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

std::uint8_t value_of(char c) {
  return kValues[static_cast<unsigned char>(c)];
}

}  // namespace

Result<std::vector<std::byte>> decode_base64(std::string_view text) {
  std::vector<std::byte> out(text.size() / 4 * 3 + 3);
  std::byte* to = out.data();
  std::uint32_t bits = 0;
  int digits = 0;  // of the group of four that is being read
  int pads = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    // Whole groups without anything odd in them: the common case.
    while (digits == 0 && i + 4 <= text.size()) {
      const std::uint32_t a = value_of(text[i]);
      const std::uint32_t b = value_of(text[i + 1]);
      const std::uint32_t c = value_of(text[i + 2]);
      const std::uint32_t d = value_of(text[i + 3]);
      if ((a | b | c | d) > 63) break;
      const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
      *to++ = static_cast<std::byte>(group >> 16);
      *to++ = static_cast<std::byte>(group >> 8);
      *to++ = static_cast<std::byte>(group);
      i += 4;
    }
    if (i >= text.size()) break;
    const char c = text[i++];
    if (c == '=') {
      // Padding that completes a group ends the data, as in the reference's decoder; what follows is not read.
      if (digits >= 2 && digits + ++pads >= 4) {
        digits = 0;
        break;
      }
      continue;
    }
    const std::uint8_t value = value_of(c);
    if (value == kSkipped) continue;
    pads = 0;
    bits = bits << 6 | value;
    ++digits;
    // A byte is complete as soon as its last bit has come.
    if (digits == 2) *to++ = static_cast<std::byte>(bits >> 4);
    if (digits == 3) *to++ = static_cast<std::byte>(bits >> 2);
    if (digits == 4) {
      *to++ = static_cast<std::byte>(bits);
      digits = 0;
    }
  }
  if (digits != 0) return Error{Code::invalid_argument, "base64 text is cut short or wrongly padded"};
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

void append_base64(std::span<const std::byte> bytes, std::string& out) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return static_cast<std::uint32_t>(bytes[k]); };
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    const char four[] = {kAlphabet[group >> 18], kAlphabet[(group >> 12) & 63], kAlphabet[(group >> 6) & 63],
                         kAlphabet[group & 63]};
    out.append(four, 4);
  }
  if (i + 1 == bytes.size()) {
    const char four[] = {kAlphabet[at(i) >> 2], kAlphabet[(at(i) << 4) & 63], '=', '='};
    out.append(four, 4);
  } else if (i + 2 == bytes.size()) {
    const std::uint32_t two = at(i) << 8 | at(i + 1);
    const char four[] = {kAlphabet[two >> 10], kAlphabet[(two >> 4) & 63], kAlphabet[(two << 2) & 63], '='};
    out.append(four, 4);
  }
}

}  // namespace osprey
