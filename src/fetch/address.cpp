#include "fetch/address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace osprey::fetch {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

struct Prefix {
  Bytes bytes;
  int bits;
};

bool matches(std::span<const std::uint8_t> address, const Prefix& prefix) {
  for (int bit = 0; bit < prefix.bits; bit += 8) {
    const auto i = static_cast<std::size_t>(bit / 8);
    const int left = std::min(8, prefix.bits - bit);
    const auto mask = static_cast<std::uint8_t>(0xFF << (8 - left));
    if ((address[i] & mask) != (prefix.bytes[i] & mask)) return false;
  }
  return true;
}

bool in_any(std::span<const std::uint8_t> address, std::span<const Prefix> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const Prefix& prefix) { return matches(address, prefix); });
}

constexpr Prefix kSpecialIpv4[] = {
    {{0}, 8},              // this network
    {{10}, 8},             // private
    {{100, 64}, 10},       // shared by carriers
    {{127}, 8},            // loopback
    {{169, 254}, 16},      // link-local; cloud metadata
    {{172, 16}, 12},       // private
    {{192, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2}, 24},     // documentation
    {{192, 88, 99}, 24},   // former 6to4 relays
    {{192, 168}, 16},      // private
    {{198, 18}, 15},       // benchmarks
    {{198, 51, 100}, 24},  // documentation
    {{203, 0, 113}, 24},   // documentation
    {{224}, 3},            // multicast and reserved, to 255.255.255.255
};

// Public IPv6 is 2000::/3; within it these are not.
constexpr Prefix kGlobalIpv6 = {{0x20}, 3};
constexpr Prefix kSpecialIpv6[] = {
    {{0x20, 0x01, 0x00}, 23},        // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0D, 0xB8}, 32},  // documentation
    {{0x3F, 0xFF, 0x00}, 20},        // documentation
};
constexpr Prefix kMappedIpv4 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96};
constexpr Prefix kNat64 = {{0x00, 0x64, 0xFF, 0x9B}, 96};
constexpr Prefix k6to4 = {{0x20, 0x02}, 16};

bool is_public_ipv4(std::span<const std::uint8_t> address) {
  return !in_any(address, kSpecialIpv4);
}

bool is_public_ipv6(std::span<const std::uint8_t> address) {
  // Forms that lead to an IPv4 address are as public as that one.
  if (matches(address, kMappedIpv4) || matches(address, kNat64)) return is_public_ipv4(address.subspan(12, 4));
  if (matches(address, k6to4)) return is_public_ipv4(address.subspan(2, 4));
  return matches(address, kGlobalIpv6) && !in_any(address, kSpecialIpv6);
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  Bytes bytes{};
  if (address.sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof ipv4);
    std::memcpy(bytes.data(), &ipv4.sin_addr, 4);
    return is_public_ipv4(std::span(bytes).first(4));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof ipv6);
    std::memcpy(bytes.data(), &ipv6.sin6_addr, 16);
    return is_public_ipv6(bytes);
  }
  return false;
}

std::string to_string(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "unknown address";
  if (address.sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof ipv4);
    inet_ntop(AF_INET, &ipv4.sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof ipv6);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, text, sizeof text);
  }
  return text;
}

}  // namespace osprey::fetch
