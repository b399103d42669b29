#include "package/package_id.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <system_error>
#include <vector>

#include <boost/uuid/name_generator_md5.hpp>
#include <boost/uuid/nil_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace osprey::package {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1000;
constexpr std::uintmax_t kPieceBytes = std::uintmax_t{1} << 20U;

// Name-based UUIDs, chained: each piece is named within the id of all before it.
class Chain {
 public:
  void add(const char* bytes, std::size_t count) { id_ = boost::uuids::name_generator_md5(id_)(bytes, count); }
  void add(const std::string& text) { add(text.data(), text.size()); }
  [[nodiscard]] std::string hex() const {
    std::string text = boost::uuids::to_string(id_);
    std::erase(text, '-');
    return text;
  }

 private:
  boost::uuids::uuid id_ = boost::uuids::nil_uuid();
};

Error unreadable(const fs::path& path) {
  return Error{Code::unavailable, path.filename().string() + " cannot be read"};
}

Status add_file(const fs::path& path, std::uintmax_t whole_file_bytes, std::vector<char>& buffer, Chain& chain) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return unreadable(path);
  chain.add(path.filename().string());
  chain.add(std::to_string(size));

  std::ifstream file(path, std::ios::binary);
  const bool whole = size <= whole_file_bytes;
  const std::uintmax_t pieces = whole ? (size + kPieceBytes - 1) / kPieceBytes : whole_file_bytes / kPieceBytes;
  for (std::uintmax_t i = 0; i < pieces; ++i) {
    const std::uintmax_t start = whole ? i * kPieceBytes : (size - kPieceBytes) / (pieces - 1) * i;
    const std::uintmax_t count = std::min(kPieceBytes, size - start);
    // The last piece of a sampled file ends with the file, whatever the division dropped.
    file.seekg(static_cast<std::streamoff>(!whole && i + 1 == pieces ? size - kPieceBytes : start));
    file.read(buffer.data(), static_cast<std::streamsize>(count));
    if (!file) return unreadable(path);
    chain.add(buffer.data(), static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

Result<std::string> make_package_id(const fs::path& folder, std::uintmax_t whole_file_bytes) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;  // a dangling link is no file
    if (it->path().filename().string().starts_with('.') || !it->is_regular_file(ignored)) continue;
    if (files.size() == kMaxFiles) {
      return Error{Code::data_corrupted, "the package has more than " + std::to_string(kMaxFiles) + " files"};
    }
    files.push_back(it->path());
  }
  if (error) return Error{Code::unavailable, folder.string() + " cannot be listed: " + error.message()};
  std::sort(files.begin(), files.end());

  Chain chain;
  std::vector<char> buffer(kPieceBytes);
  for (const fs::path& file : files) {
    if (auto status = add_file(file, whole_file_bytes, buffer, chain); !status) return std::move(status).error();
  }
  return chain.hex();
}

}  // namespace osprey::package
