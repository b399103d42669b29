#include "cli/infer_inputs.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <glob.h>

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 8> kImages{".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"};
constexpr std::array<std::string_view, 11> kVideos{".mp4", ".webm", ".mkv", ".flv", ".vob", ".ogg",
                                                   ".ogv", ".avi",  ".mov", ".qt",  ".wmv"};
constexpr std::size_t kMaxStandardInput = std::size_t{256} << 20U;

template <std::size_t Count>
bool has_extension(const fs::path& path, const std::array<std::string_view, Count>& extensions) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

bool is_url(const std::string& text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

/// "example.org_pictures_cat.jpg" of a URL: a file's name that tells it.
std::string name_of_url(const std::string& url) {
  std::string name = url.substr(url.find("//") + 2);
  name.resize(std::min(name.find_first_of("?#"), name.size()));
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '_');
  constexpr std::size_t kLongest = 150;  // the end says more than the beginning
  if (name.size() > kLongest) name.erase(0, name.size() - kLongest);
  return name.starts_with('.') ? "_" + name : name;
}

/// Paths that fit a pattern of the shell's, in the order of their names; none where nothing does.
std::vector<fs::path> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<fs::path> paths;
  if (::glob(pattern.c_str(), GLOB_BRACE | GLOB_TILDE, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

bool is_pattern(const std::string& text) {
  return text.find_first_of("*?[{") != std::string::npos;
}

class Finder {
 public:
  Finder(bool recursive, std::istream& standard_input) : recursive_(recursive), standard_input_(standard_input) {}

  Status add(const std::string& argument) {
    if (argument == "-") return add_standard_input();
    if (is_url(argument)) {
      inputs_.push_back({.shown = argument, .name = name_of_url(argument), .url = argument});
      return {};
    }
    std::error_code error;
    if (fs::is_directory(argument, error)) return add_folder(argument);
    if (fs::exists(argument, error)) return add_file(argument);
    if (!is_pattern(argument)) return Error{Code::not_found, "'" + argument + "' is no file, folder, pattern or URL"};
    const auto paths = matches(argument);
    if (paths.empty()) return Error{Code::not_found, "nothing fits '" + argument + "'"};
    for (const auto& path : paths) {
      if (auto added = fs::is_directory(path, error) ? add_folder(path) : add_file(path); !added) return added;
    }
    return {};
  }

  Result<std::vector<InferInput>> finish() {
    std::map<fs::path, const InferInput*> names;
    for (const auto& input : inputs_) {
      const auto [at, is_new] = names.emplace(input.name, &input);
      if (is_new) continue;
      return Error{Code::invalid_argument, "the results of '" + at->second->shown + "' and '" + input.shown +
                                               "' would have the same name: ask for them one after the other"};
    }
    return std::move(inputs_);
  }

 private:
  Status add_standard_input() {
    auto bytes = std::make_shared<std::vector<std::byte>>();
    std::array<char, 1U << 16U> piece{};
    while (standard_input_) {
      standard_input_.read(piece.data(), piece.size());
      const auto read = std::as_bytes(std::span(piece).first(static_cast<std::size_t>(standard_input_.gcount())));
      bytes->insert(bytes->end(), read.begin(), read.end());
      if (bytes->size() > kMaxStandardInput) {
        return Error{Code::payload_too_large, "standard input holds more than 256 MiB: it takes one image"};
      }
    }
    if (bytes->empty()) return Error{Code::invalid_argument, "standard input is empty: '-' takes an image from it"};
    inputs_.push_back({.shown = "-", .name = "stdin", .bytes = std::move(bytes)});
    return {};
  }

  Status add_file(const fs::path& path) {
    if (has_extension(path, kVideos)) {
      return Error{Code::invalid_argument, "'" + path.string() + "' is a video: take pictures out of it first"};
    }
    add_once(path, path.filename());
    return {};
  }

  Status add_folder(const fs::path& folder) {
    std::vector<fs::path> paths;
    std::error_code error;
    const auto take = [&](const fs::directory_entry& entry) {
      std::error_code ignored;
      const auto& path = entry.path();
      if (!has_extension(path, kImages) || !entry.is_regular_file(ignored)) return;
      if (!path.filename().string().ends_with(kPictureSuffix)) paths.push_back(path);
    };
    if (recursive_) {
      for (fs::recursive_directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
        take(*each);
      }
    } else {
      for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) take(*each);
    }
    if (error) return Error{Code::not_found, "cannot read '" + folder.string() + "': " + error.message()};
    if (paths.empty()) {
      return Error{Code::not_found, "no images in '" + folder.string() + "'" +
                                        (recursive_ ? "" : "; --recursive looks into the folders below it, too")};
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) add_once(path, path.lexically_relative(folder));
    return {};
  }

  void add_once(const fs::path& path, const fs::path& name) {
    std::error_code error;
    // By its name: two links to one file are two images.
    const auto absolute = fs::absolute(path, error);
    if (!seen_.insert((error ? path : absolute).lexically_normal()).second) return;
    inputs_.push_back({.shown = path.string(), .name = name, .file = path});
  }

  const bool recursive_;
  std::istream& standard_input_;
  std::vector<InferInput> inputs_;
  std::set<fs::path> seen_;
};

}  // namespace

client::Image InferInput::image() const {
  if (!url.empty()) return client::Image::from_url(url);
  if (bytes) return client::Image::from_bytes(*bytes);
  return client::Image::from_file(file);
}

Result<std::vector<InferInput>> find_inputs(const std::vector<std::string>& arguments, bool recursive,
                                            std::istream& standard_input) {
  Finder finder(recursive, standard_input);
  for (const auto& argument : arguments) {
    if (auto added = finder.add(argument); !added) return std::move(added).error();
  }
  return finder.finish();
}

}  // namespace osprey::cli
