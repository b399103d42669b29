#include "rpc/grpc/message_size.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <google/protobuf/io/coded_stream.h>

namespace osprey::rpc {
namespace {

using google::protobuf::io::CodedInputStream;

/// The messages of a ModelInferRequest whose parts are looked at.
enum class Level { request, input, contents };

// How a field's value is held: so many bytes for each that it has on the wire, and so many besides.
struct Cost {
  std::size_t per_byte = 1;
  std::size_t each = 64;  // a string, with its place in a list
};
constexpr std::size_t kMessage = 512;   // an input or output
constexpr std::size_t kMapEntry = 320;  // a parameter: node, key, value
constexpr std::size_t kNumber = 8;      // of a list that is not packed
constexpr std::uint32_t kWireTypeBits = 3;

// Numbers of the fields: see proto/open_inference.proto.
Cost cost_of(Level level, int field) {
  switch (level) {
    case Level::request:
      if (field == 4) return {1, kMapEntry};
      if (field == 6) return {kMapEntry / 4, kMessage};  // an output may be four bytes for each of its parameters
      return {};
    case Level::input:
      if (field == 3) return {8, 0};
      if (field == 4) return {1, kMapEntry};
      return {};
    case Level::contents:
      if (field == 2 || field == 4) return {4, 0};
      if (field == 3 || field == 5) return {8, 0};
      if (field == 8) return {};
      return {1, 0};
  }
  return {};
}

class Sizer {
 public:
  Sizer(CodedInputStream& stream, std::size_t limit) : stream_(stream), limit_(limit) {}

  /// Whether the message on this level was well-formed and the sum stays below the limit.
  bool read(Level level) {
    while (const std::uint32_t tag = stream_.ReadTag()) {
      const int field = static_cast<int>(tag >> kWireTypeBits);
      if (!read_field(level, field, tag & 7U) || size_ > limit_) return false;
    }
    return stream_.ConsumedEntireMessage();
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  bool read_field(Level level, int field, std::uint32_t wire_type) {
    std::uint64_t varint = 0;
    std::uint32_t fixed32 = 0;
    size_ += kNumber;
    switch (wire_type) {
      case 0: return stream_.ReadVarint64(&varint);
      case 1: return stream_.ReadLittleEndian64(&varint);
      case 5: return stream_.ReadLittleEndian32(&fixed32);
      case 2: return read_part(level, field);
      default: return false;  // groups, which no such message has
    }
  }

  bool read_part(Level level, int field) {
    int length = 0;
    if (!stream_.ReadVarintSizeAsInt(&length)) return false;
    const bool is_input = level == Level::request && field == 5;
    const bool is_contents = level == Level::input && field == 5;
    if (is_input || is_contents) {
      size_ += kMessage;
      const auto outer = stream_.PushLimit(length);
      const bool sound = read(is_input ? Level::input : Level::contents) && stream_.BytesUntilLimit() == 0;
      stream_.PopLimit(outer);
      return sound;
    }
    const Cost cost = cost_of(level, field);
    size_ += cost.each + cost.per_byte * static_cast<std::size_t>(length);
    return size_ > limit_ || stream_.Skip(length);
  }

  CodedInputStream& stream_;
  const std::size_t limit_;
  std::size_t size_ = 0;
};

}  // namespace

Result<std::size_t> infer_request_size(google::protobuf::io::ZeroCopyInputStream& bytes, std::size_t limit) {
  CodedInputStream stream(&bytes);
  stream.SetTotalBytesLimit(std::numeric_limits<int>::max());
  Sizer sizer(stream, limit);
  const bool sound = sizer.read(Level::request);
  if (sizer.size() > limit) {
    return Error{Code::payload_too_large, "the message would take more than the limit of " + std::to_string(limit) +
                                              " bytes once it is read; give tensors as raw_input_contents"};
  }
  if (!sound)
    return Error{Code::invalid_argument, "the message is no ModelInferRequest: its bytes do not fit together"};
  return sizer.size();
}

}  // namespace osprey::rpc
