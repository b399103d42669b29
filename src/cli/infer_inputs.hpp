// What `inference infer` is to look at: files, folders, patterns, URLs, standard input.
#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <osprey/client/image.hpp>

#include "base/result.hpp"

namespace osprey::cli {

/// One image.
struct InferInput {
  std::string shown;                ///< as it is told to a person: the path, the URL, "-"
  std::filesystem::path name;       ///< of its result, relative; no two inputs have the same
  std::filesystem::path file = {};  ///< empty: it is no file
  std::string url = {};             ///< empty: it is no URL
  std::shared_ptr<const std::vector<std::byte>> bytes = nullptr;  ///< what standard input held

  /// Views what this holds.
  [[nodiscard]] client::Image image() const;
};

/// Pictures that this command writes beside results; folders are read without them.
inline constexpr std::string_view kPictureSuffix = ".annotated.jpg";

/// The images that the arguments name, in their order; those of a folder or a pattern by name. `recursive`: folders
/// with what is below them. A file that is named twice is taken once. Errors: not_found (no such file, nothing fits a
/// pattern, a folder without images), invalid_argument (a video, two images whose results would have one name).
[[nodiscard]] Result<std::vector<InferInput>> find_inputs(const std::vector<std::string>& arguments, bool recursive,
                                                          std::istream& standard_input);

}  // namespace osprey::cli
