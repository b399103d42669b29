// What a fuzz target is: a function that takes any bytes and must neither crash, hang nor take unbounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// FUZZ_TARGET(name)(std::span<const std::byte> bytes) { ... }: for the fuzzer (clang's libFuzzer) a program's entry;
/// in fuzz_replay_test, a function that is run over the kept corpus.
#ifdef OSPREY_FUZZER
#define FUZZ_TARGET(name)                                                             \
  static void fuzz_##name(std::span<const std::byte> bytes);                          \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_##name({reinterpret_cast<const std::byte*>(data), size});                    \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzz_##name
#else
#define FUZZ_TARGET(name) void fuzz_##name
#endif

namespace osprey {

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Cuts the text up to the first line feed off, for targets that take several texts.
inline std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace osprey
