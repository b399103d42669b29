#include "base/uuid.hpp"

#include <array>
#include <cstdint>
#include <random>

namespace osprey {
namespace {

std::array<std::uint64_t, 2> random_uuid_bits() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  // RFC 9562: version 4 in the 13th hex digit, variant 10 in the top bits of the 17th.
  return {(generator() & 0xFFFFFFFFFFFF0FFFULL) | 0x4000ULL,
          (generator() & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL};
}

std::string render(bool dashes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (const auto half : random_uuid_bits()) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      if (dashes && (text.size() == 8 || text.size() == 13 || text.size() == 18 || text.size() == 23)) text += '-';
      text += kDigits[(half >> shift) & 0xF];
    }
  }
  return text;
}

}  // namespace

std::string make_uuid() {
  return render(true);
}

std::string make_uuid_hex() {
  return render(false);
}

}  // namespace osprey
