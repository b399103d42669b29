// A folder of pictures: which of them a network is tuned on, and which are held back to judge it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/image.hpp"

namespace osprey::quantization {

/// Every so manieth picture is held back.
inline constexpr std::size_t kHeldBackEach = 4;
/// So that five are held back.
inline constexpr std::size_t kFewestPictures = 20;

/// The pictures of a folder (not of its subfolders) by their names' endings, sorted by name; of more than `most`, so
/// many, spread evenly. Errors: not_found (no folder), invalid_argument (fewer than kFewestPictures), each with what
/// would be right.
[[nodiscard]] Result<std::vector<std::filesystem::path>> list_pictures(const std::filesystem::path& folder,
                                                                       std::size_t most);

/// Reads and decodes one. Errors: those of image::decode, naming the file.
[[nodiscard]] Result<image::Image> read_picture(const std::filesystem::path& file);

}  // namespace osprey::quantization
