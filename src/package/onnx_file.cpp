#include "package/onnx_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace osprey::package {
namespace {

/// The bytes of an open file by position, a window of them in memory. Not by mmap: a file that another program cuts
/// short meanwhile would end this one.
class FileBytes {
 public:
  FileBytes(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() { ::close(descriptor_); }

  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Nothing at the end, or where the file cannot be read.
  [[nodiscard]] std::optional<std::uint8_t> at(std::uint64_t position) {
    if (position >= size_) return std::nullopt;
    if (position < begin_ || position >= begin_ + held_) {
      begin_ = position;
      const auto got = ::pread(descriptor_, window_.data(), window_.size(), static_cast<off_t>(position));
      held_ = got > 0 ? static_cast<std::uint64_t>(got) : 0;
      if (held_ == 0) return std::nullopt;
    }
    return window_[position - begin_];
  }

  [[nodiscard]] std::string text(std::uint64_t begin, std::uint64_t end, std::size_t most) {
    std::string text;
    for (auto i = begin; i < end && text.size() < most; ++i) {
      const auto byte = at(i);
      if (!byte) break;
      text += static_cast<char>(*byte);
    }
    return text;
  }

 private:
  int descriptor_;
  std::uint64_t size_;
  std::uint64_t begin_ = 0;
  std::uint64_t held_ = 0;
  std::array<std::uint8_t, 16384> window_{};
};

/// One field of a protocol buffer's message; the value of a length-delimited one lies from begin to end.
struct Field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;  ///< of a varint
  bool has_bytes = false;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Reads the fields between two positions. Stops at the first that is none.
class Fields {
 public:
  enum class End { whole, malformed, cut_short };

  Fields(FileBytes& bytes, std::uint64_t begin, std::uint64_t end) : bytes_(bytes), at_(begin), end_(end) {}

  [[nodiscard]] std::optional<Field> next() {
    if (at_ == end_ || how_ != End::whole) return std::nullopt;
    const auto tag = varint();
    if (!tag) return stop(End::malformed);
    Field field;
    field.number = *tag >> 3U;
    if (field.number == 0 || field.number > kMostNumber) return stop(End::malformed);
    switch (*tag & 7U) {
      case 0: {
        const auto value = varint();
        if (!value) return stop(End::malformed);
        field.value = *value;
        return field;
      }
      case 1: return fixed(field, 8);
      case 5: return fixed(field, 4);
      case 2: {
        const auto length = varint();
        if (!length) return stop(End::malformed);
        field.has_bytes = true;
        field.begin = at_;
        if (*length > end_ - at_) return stop(End::cut_short);
        at_ += *length;
        field.end = at_;
        return field;
      }
      default: return stop(End::malformed);
    }
  }

  [[nodiscard]] End end() const { return how_; }

 private:
  // Of ONNX's messages the highest is below 100; a random byte rarely stays below it for long.
  static constexpr std::uint64_t kMostNumber = 2000;

  std::optional<Field> stop(End how) {
    how_ = how;
    return std::nullopt;
  }

  std::optional<Field> fixed(const Field& field, std::uint64_t size) {
    if (size > end_ - at_) return stop(End::cut_short);
    at_ += size;
    return field;
  }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) return std::nullopt;
      const auto byte = bytes_.at(at_);
      if (!byte) return std::nullopt;
      ++at_;
      value |= static_cast<std::uint64_t>(*byte & 0x7FU) << shift;
      if ((*byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
  }

  FileBytes& bytes_;
  std::uint64_t at_;
  std::uint64_t end_;
  End how_ = End::whole;
};

constexpr int kMaxDepth = 16;  // graphs within nodes within graphs

/// Collects the names of files that tensors keep their values in.
class ExternalFiles {
 public:
  ExternalFiles(FileBytes& bytes, std::vector<std::string>& found) : bytes_(bytes), found_(found) {}

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxDepth
  void graph(const Field& message, int depth) {
    if (depth > kMaxDepth) return;
    Fields fields(bytes_, message.begin, message.end);
    while (const auto field = fields.next()) {
      if (!field->has_bytes) continue;
      if (field->number == 1) node(*field, depth);
      if (field->number == 5) tensor(*field);
    }
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion)
  void node(const Field& message, int depth) {
    Fields fields(bytes_, message.begin, message.end);
    while (const auto field = fields.next()) {
      if (field->number == 5 && field->has_bytes) attribute(*field, depth);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  void attribute(const Field& message, int depth) {
    Fields fields(bytes_, message.begin, message.end);
    while (const auto field = fields.next()) {
      if (!field->has_bytes) continue;
      if (field->number == 5 || field->number == 10) tensor(*field);
      if (field->number == 6 || field->number == 11) graph(*field, depth + 1);
    }
  }

  void tensor(const Field& message) {
    constexpr std::uint64_t kExternal = 1;
    bool external = false;
    std::string location;
    Fields fields(bytes_, message.begin, message.end);
    while (const auto field = fields.next()) {
      if (field->number == 14) external = field->value == kExternal;
      if (field->number == 13 && field->has_bytes) entry(*field, location);
    }
    if (!external || location.empty() || found_.size() == kMaxExternalFiles) return;
    if (std::find(found_.begin(), found_.end(), location) == found_.end()) found_.push_back(location);
  }

  void entry(const Field& message, std::string& location) {
    constexpr std::size_t kMostText = 256;
    std::string key;
    std::string value;
    Fields fields(bytes_, message.begin, message.end);
    while (const auto field = fields.next()) {
      if (!field->has_bytes) continue;
      if (field->number == 1) key = bytes_.text(field->begin, field->end, kMostText);
      if (field->number == 2) value = bytes_.text(field->begin, field->end, kMostText);
    }
    if (key == "location") location = value;
  }

  FileBytes& bytes_;
  std::vector<std::string>& found_;
};

Error no_onnx(FileBytes& bytes, const std::string& name) {
  std::string message = name + " is no ONNX file";
  if (bytes.text(0, 4, 4) == std::string_view("PK\x03\x04", 4)) {
    message += " but an archive, such as a PyTorch checkpoint (.pt); export that to ONNX first";
  }
  return {Code::invalid_argument, std::move(message)};
}

}  // namespace

Result<OnnxFile> inspect_onnx(const std::filesystem::path& file, const std::string& name) {
  // Not to wait for the writer of a pipe.
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return Error{Code::not_found, "there is no file " + name};
    return Error{Code::unavailable, name + " cannot be read: " + std::strerror(errno)};
  }
  struct stat status{};
  const bool told = ::fstat(descriptor, &status) == 0;
  const auto bytes = std::make_unique<FileBytes>(descriptor, static_cast<std::uint64_t>(told ? status.st_size : 0));
  if (told && S_ISDIR(status.st_mode)) {
    return Error{Code::invalid_argument,
                 name +
                     " is a folder; give the .onnx file in it (a folder that is a whole package "
                     "is copied into the models folder, to <project>/<version>)"};
  }
  if (!told || !S_ISREG(status.st_mode)) return Error{Code::invalid_argument, name + " is no regular file"};
  if (bytes->size() == 0) return Error{Code::invalid_argument, name + " is empty"};
  if (bytes->size() > kMaxOnnxBytes) {
    return Error{Code::payload_too_large, name + " has " + std::to_string(bytes->size() >> 20U) +
                                              " MiB; an ONNX file has at most " + std::to_string(kMaxOnnxBytes >> 20U)};
  }

  OnnxFile onnx{bytes->size(), {}};
  std::optional<Field> graph;
  bool versioned = false;
  Fields fields(*bytes, 0, bytes->size());
  while (const auto field = fields.next()) {
    if (field->number == 1 && !field->has_bytes) versioned = true;
    if (field->number == 7 && field->has_bytes) graph = field;
  }
  if (fields.end() == Fields::End::cut_short && (versioned || graph)) {
    return Error{Code::invalid_argument, name + " is cut short: it says that it is longer than its " +
                                             std::to_string(bytes->size()) + " bytes; copy or export it again"};
  }
  if (fields.end() != Fields::End::whole || !graph) return no_onnx(*bytes, name);
  ExternalFiles(*bytes, onnx.external_files).graph(*graph, 0);
  return onnx;
}

}  // namespace osprey::package
