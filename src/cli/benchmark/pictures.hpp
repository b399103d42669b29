// The pictures that a benchmark sends.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osprey::cli {

/// An encoded picture.
struct BenchmarkPicture {
  std::string name;
  std::vector<std::byte> bytes;
  int width = 0;  ///< pixels
  int height = 0;
};

using BenchmarkPictures = std::vector<BenchmarkPicture>;

/// The first eight pictures (.jpg, .jpeg, .png, by name) of a folder, as the reference takes them; for "samples" those
/// of the server's own page. Errors: not_found (no folder, or no picture in it), invalid_argument (one that cannot be
/// read).
[[nodiscard]] Result<std::shared_ptr<const BenchmarkPictures>> load_pictures(const std::string& reference);

/// "5 pictures, 320x240 to 640x480".
[[nodiscard]] std::string pictures_text(const BenchmarkPictures& pictures);

}  // namespace osprey::cli
