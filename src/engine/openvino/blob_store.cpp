#include "engine/openvino/blob_store.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace osprey::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".blob";
constexpr std::string_view kUnfinished = ".unfinished-";

/// Before the blob in its file; 48 bytes without gaps.
struct Header {
  char magic[8];
  BlobKey key;
  std::uint64_t bytes;
  XXH128_canonical_t hash;  // of the blob
};
static_assert(sizeof(Header) == 48);

Header make_header(const BlobKey& key, std::string_view blob) {
  Header header{{'O', 'S', 'P', 'B', 'L', 'O', 'B', '1'}, key, blob.size(), {}};
  XXH128_canonicalFromHash(&header.hash, XXH3_128bits(blob.data(), blob.size()));
  return header;
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool read_all(void* to, std::size_t bytes) const {
    for (auto* at = static_cast<char*>(to); bytes > 0;) {
      const auto got = ::read(descriptor_, at, bytes);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      at += got;
      bytes -= static_cast<std::size_t>(got);
    }
    return true;
  }
  [[nodiscard]] bool write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

 private:
  int descriptor_;
};

/// A sound blob's bytes; false for any other file.
bool read_checked(const File& file, const BlobKey& key, const std::function<char*(std::size_t)>& allocate) {
  struct stat found{};
  Header header{};
  if (::fstat(file.descriptor(), &found) != 0 || !S_ISREG(found.st_mode)) return false;
  if (!file.read_all(&header, sizeof(header))) return false;
  const auto bytes = static_cast<std::uint64_t>(found.st_size) - sizeof(header);  // so many were just read
  if (header.bytes != bytes || header.key != key) return false;
  char* to = allocate(bytes);
  if (!file.read_all(to, bytes)) return false;
  const Header expected = make_header(key, {to, bytes});
  return std::memcmp(&expected, &header, sizeof(header)) == 0;
}

Error disk_error(const char* what) {
  return {Code::internal, std::string(what) + ": " + std::generic_category().message(errno)};
}

}  // namespace

bool BlobStore::read(const BlobKey& key, const std::function<char*(std::size_t)>& allocate) const {
  const auto path = file(key);
  const File opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (opened.descriptor() < 0) return false;
  if (!read_checked(opened, key, allocate)) {
    remove(key);
    return false;
  }
  (void)::futimens(opened.descriptor(), nullptr);  // used now; a folder that cannot be written keeps its order
  return true;
}

Status BlobStore::write(const BlobKey& key, std::string_view blob) const {
  if (blob.size() + sizeof(Header) > max_bytes_) return Error{Code::internal, "it is larger than all that may be kept"};
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return Error{Code::internal, folder_.string() + " cannot be made: " + error.message()};
  make_room(blob.size() + sizeof(Header));

  std::string unfinished = (folder_ / (std::string(kUnfinished) + "XXXXXX")).string();
  const File out(::mkostemp(unfinished.data(), O_CLOEXEC));
  if (out.descriptor() < 0) return disk_error("no file can be made");
  // No fsync: what a power cut leaves of it does not fit its hash.
  const Header header = make_header(key, blob);
  const bool written = out.write_all({reinterpret_cast<const char*>(&header), sizeof(header)}) && out.write_all(blob);
  if (!written || ::rename(unfinished.c_str(), file(key).c_str()) != 0) {
    auto failed = disk_error("it cannot be written");
    ::unlink(unfinished.c_str());
    return failed;
  }
  return {};
}

void BlobStore::remove(const BlobKey& key) const {
  std::error_code ignored;
  fs::remove(file(key), ignored);
}

fs::path BlobStore::file(const BlobKey& key) const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string name;
  for (const auto byte : key) {
    name += kDigits[byte >> 4U];
    name += kDigits[byte & 15U];
  }
  return folder_ / (name + std::string(kSuffix));
}

void BlobStore::make_room(std::uint64_t bytes) const {
  struct Blob {
    fs::path path;
    std::uint64_t bytes;
    fs::file_time_type used;
  };
  std::vector<Blob> blobs;
  std::uint64_t total = bytes;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;  // by another process
    const auto used = it->last_write_time(gone);
    const auto size = it->file_size(gone);
    if (gone) continue;
    const std::string name = it->path().filename().string();
    if (name.starts_with(kUnfinished)) {
      // Left by a process that was killed.
      if (used < fs::file_time_type::clock::now() - std::chrono::hours(1)) fs::remove(it->path(), gone);
    } else if (name.ends_with(kSuffix)) {
      blobs.push_back({it->path(), size, used});
      total += size;
    }
  }
  std::sort(blobs.begin(), blobs.end(), [](const Blob& a, const Blob& b) { return a.used < b.used; });
  for (auto it = blobs.begin(); it != blobs.end() && total > max_bytes_; ++it) {
    fs::remove(it->path, error);
    total -= it->bytes;
  }
}

bool is_worth_a_blob(double compile_seconds, std::size_t weight_bytes) {
  constexpr double kLeastSeconds = 0.05;
  constexpr double kBytesPerSecond = 400e6;
  return compile_seconds > kLeastSeconds + static_cast<double>(weight_bytes) / kBytesPerSecond;
}

}  // namespace osprey::engine
