// ONNX files made by hand: protocol buffers of a few fields.
#pragma once

#include <cstddef>
#include <string>

namespace osprey {

inline std::string varint(std::size_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>((value & 0x7FU) | 0x80U);
  return bytes + static_cast<char>(value);
}

/// A field that is a number.
inline std::string number_field(std::size_t number, std::size_t value) {
  return varint(number << 3U) + varint(value);
}

/// A field that is bytes: a text or a message.
inline std::string bytes_field(std::size_t number, const std::string& bytes) {
  return varint(number << 3U | 2U) + varint(bytes.size()) + bytes;
}

/// A tensor that keeps its values in another file.
inline std::string external_tensor(const std::string& location) {
  return bytes_field(8, "weight") + number_field(14, 1) +
         bytes_field(13, bytes_field(1, "location") + bytes_field(2, location));
}

/// A model of one graph.
inline std::string onnx_bytes(const std::string& graph = bytes_field(2, "net")) {
  return number_field(1, 8) + bytes_field(2, "a trainer") + bytes_field(7, graph);
}

}  // namespace osprey
