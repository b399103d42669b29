#include "cli/benchmark/pictures.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "server/page_assets.hpp"
#include "service/image_source.hpp"

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPictures = 8;
constexpr std::string_view kSamples = "samples";

Status add(BenchmarkPictures& pictures, std::string name, std::string_view bytes) {
  const auto image = service::load_image({service::ImageSource::Kind::encoded, bytes}, {});
  if (!image) return image.error().with_context(name);
  const auto view = std::as_bytes(std::span(bytes));
  pictures.push_back({std::move(name), {view.begin(), view.end()}, image->full.width, image->full.height});
  return {};
}

bool is_picture(const fs::path& path) {
  auto extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

Result<std::vector<fs::path>> list(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (const auto end = fs::directory_iterator(); !error && entries != end; entries.increment(error)) {
    if (is_picture(entries->path())) files.push_back(entries->path());
  }
  if (error) return Error{Code::not_found, "cannot read the folder " + folder.string() + ": " + error.message()};
  if (files.empty()) {
    return Error{Code::not_found, "no picture (.jpg, .jpeg, .png) in the folder " + folder.string()};
  }
  std::sort(files.begin(), files.end());
  files.resize(std::min(files.size(), kMostPictures));
  return files;
}

}  // namespace

Result<std::shared_ptr<const BenchmarkPictures>> load_pictures(const std::string& reference) {
  auto pictures = std::make_shared<BenchmarkPictures>();
  if (reference == kSamples) {
    for (const auto& asset : server::page_assets()) {
      if (!asset.path.starts_with("samples/") || asset.content_type != "image/jpeg") continue;
      if (auto added = add(*pictures, std::string(asset.path), asset.bytes); !added) return std::move(added).error();
    }
    return std::shared_ptr<const BenchmarkPictures>(std::move(pictures));
  }
  std::error_code error;
  if (!fs::is_directory(reference, error)) {
    const std::string why = reference == "coco" ? "the pictures that the reference's command downloads are not here"
                                                : "'" + reference + "' is no folder";
    return Error{Code::not_found, "--dataset-reference: " + why + "; name a folder of pictures, or 'samples'"};
  }
  auto files = list(reference);
  if (!files) return std::move(files).error();
  for (const auto& path : *files) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (auto added = add(*pictures, path.string(), bytes); !added) return std::move(added).error();
  }
  return std::shared_ptr<const BenchmarkPictures>(std::move(pictures));
}

std::string pictures_text(const BenchmarkPictures& pictures) {
  const auto area = [](const BenchmarkPicture& a) { return static_cast<long long>(a.width) * a.height; };
  const auto [least, most] = std::minmax_element(pictures.begin(), pictures.end(),
                                                 [&](const auto& a, const auto& b) { return area(a) < area(b); });
  const auto size = [](const BenchmarkPicture& picture) {
    return std::to_string(picture.width) + "x" + std::to_string(picture.height);
  };
  std::string text =
      std::to_string(pictures.size()) + (pictures.size() == 1 ? " picture, " : " pictures, ") + size(*least);
  return area(*least) == area(*most) ? text : text + " to " + size(*most);
}

}  // namespace osprey::cli
