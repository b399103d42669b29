#include "quantization/pictures.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "image/decode.hpp"

namespace osprey::quantization {
namespace {

namespace fs = std::filesystem;

bool is_picture_name(const fs::path& file) {
  constexpr std::array<std::string_view, 8> kEndings{".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"};
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return !file.filename().string().starts_with('.') &&
         std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

}  // namespace

Result<std::vector<fs::path>> list_pictures(const fs::path& folder, std::size_t most) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return Error{Code::not_found, "there is no folder " + folder.string() + "; give a folder with at least " +
                                      std::to_string(kFewestPictures) + " pictures of what the model will see"};
  }
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (is_picture_name(it->path()) && it->is_regular_file(ignored)) files.push_back(it->path());
  }
  if (error) return Error{Code::unavailable, folder.string() + " cannot be read: " + error.message()};
  if (files.size() < kFewestPictures) {
    return Error{Code::invalid_argument, "there are " + std::to_string(files.size()) +
                                             " pictures (JPEG, PNG, WebP, TIFF, BMP, GIF) in " + folder.string() +
                                             "; at least " + std::to_string(kFewestPictures) +
                                             " are needed, better some hundreds, of what the model will see"};
  }
  std::sort(files.begin(), files.end());
  if (files.size() <= most) return files;
  std::vector<fs::path> chosen;
  for (std::size_t i = 0; i < most; ++i) chosen.push_back(files[i * files.size() / most]);
  return chosen;
}

Result<image::Image> read_picture(const fs::path& file) {
  const image::DecodeOptions options;
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error || size > options.limits.max_bytes) {
    return Error{Code::payload_too_large,
                 file.filename().string() + (error ? " cannot be read" : " has more than 64 MiB")};
  }
  std::string bytes(size, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) return Error{Code::unavailable, file.filename().string() + " cannot be read"};
  auto picture = image::decode(std::as_bytes(std::span(bytes)), options);
  if (!picture) return std::move(picture).error().with_context(file.filename().string());
  return picture;
}

}  // namespace osprey::quantization
