// Inside this room: reads the pickle of a numpy array without running anything. A pickle is a program that may name any
// function; this reader knows the five names that numpy uses for its arrays and refuses all else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace osprey::image {

/// Element types that an image may have.
enum class ElementKind { boolean, unsigned_integer, signed_integer, floating };

struct ElementType {
  ElementKind kind = ElementKind::unsigned_integer;
  std::size_t size = 1;  ///< bytes: 1, 2, 4 or 8
  bool big_endian = false;
};

/// An array whose sides are all at least 1 and whose product of sides and element size is exactly the size of `data`.
struct PickledArray {
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< in elements, one for each side
  ElementType type;
  std::span<const std::byte> data;              ///< into the pickle or into `buffers`
  std::vector<std::vector<std::byte>> buffers;  ///< bytes that the pickle holds as text (protocols 0 to 2)
};

/// Reads pickle protocols 0 to 5 (without out-of-band buffers) of one numpy.ndarray, of numpy 1.x and 2.x, and nothing
/// else. Beside a bounded number of small values it allocates at most the pickle's size. The result points into
/// `pickle`. Errors: invalid_argument, saying what was met. Throws std::bad_alloc.
[[nodiscard]] Result<PickledArray> read_pickled_array(std::span<const std::byte> pickle);

}  // namespace osprey::image
