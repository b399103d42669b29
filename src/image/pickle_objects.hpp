// Inside this room: the objects that a numpy array's pickle makes, and the five functions that it calls, none of which
// is Python's: what they do for numpy's own arguments is done here, and any other argument is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "image/pickle.hpp"

namespace osprey::image {

/// What a pickle may name.
enum class Name { ndarray, dtype, reconstruct, encode, frombuffer };

/// The meaning of a global, if it is one that an array's pickle has.
[[nodiscard]] std::optional<Name> known_name(std::string_view module, std::string_view name);

/// Text of the client's in a message: cut short, and printable whatever it holds.
[[nodiscard]] std::string quoted(std::string_view text);

[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An entry of the pickle's stack or memo. Small: bytes point into the pickle, objects are indices.
struct Value {
  enum class Kind { mark, none, boolean, integer, text, bytes, tuple, name, type, array };

  Kind kind = Kind::none;
  std::int64_t integer = 0;            ///< boolean, integer; of a name the Name; else an index into NumpyObjects
  std::span<const std::byte> bytes{};  ///< of text and bytes
  bool escaped = false;                ///< text of protocol 0: latin-1 with \uXXXX; else text is UTF-8
};

/// Owns the objects. Every call makes at most one, so their number is bounded by the opcodes read; the bytes it
/// allocates for `encode` are in all at most `max_bytes`. Errors: invalid_argument, without a place.
class NumpyObjects {
 public:
  explicit NumpyObjects(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  [[nodiscard]] Value make_tuple(std::span<const Value> items);
  /// Requires a tuple that this made.
  [[nodiscard]] const std::vector<Value>& items(const Value& tuple) const {
    return tuples_[static_cast<std::size_t>(tuple.integer)];
  }
  /// `function(*arguments)`.
  [[nodiscard]] Result<Value> call(Name function, const std::vector<Value>& arguments);
  /// `object.__setstate__(state)`.
  [[nodiscard]] Status build(const Value& object, const std::vector<Value>& state);
  /// The array, and with it all bytes that were allocated; this is not used afterwards.
  [[nodiscard]] Result<PickledArray> take_array(const Value& value);

 private:
  struct Array {
    bool built = false;
    PickledArray content;
  };

  Result<Value> call_reconstruct(const std::vector<Value>& arguments);
  Result<Value> call_dtype(const std::vector<Value>& arguments);
  Result<Value> call_encode(const std::vector<Value>& arguments);
  Result<Value> call_frombuffer(const std::vector<Value>& arguments);
  static Status build_dtype(ElementType& type, const std::vector<Value>& state);
  Status build_array(Array& array, const std::vector<Value>& state) const;
  // Sets shape, type and data, and checks them against each other.
  Status fill(PickledArray& array, const Value& shape, const Value& type, const Value& data) const;
  Value add_array(Array array);
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(const Value& tuple) const;

  std::size_t max_bytes_;
  std::vector<std::vector<Value>> tuples_;
  std::vector<ElementType> types_;
  std::vector<Array> arrays_;
  std::vector<std::vector<std::byte>> buffers_;
};

}  // namespace osprey::image
