#include "client/image_text.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/base64_stream.hpp"

namespace osprey::client {
namespace {

constexpr std::size_t kPiece = std::size_t{3} << 16U;  // of a file; whole groups of base64
constexpr std::size_t kChannels = 3;

Error refused(std::string message) {
  return {.kind = ErrorKind::invalid_argument, .message = std::move(message)};
}

Error unreadable(const std::filesystem::path& path, const std::string& why) {
  return refused("cannot read '" + path.string() + "': " + why);
}

Error too_large(std::uintmax_t bytes, std::size_t limit) {
  return refused("an image of " + std::to_string(bytes) + " bytes is larger than the limit of " +
                 std::to_string(limit));
}

std::size_t base64_size(std::uintmax_t bytes) {
  return static_cast<std::size_t>((bytes + 2) / 3 * 4);
}

/// Makes room once: a text that grows by doubling would be copied several times.
void reserve_more(std::string& out, std::uintmax_t bytes) {
  constexpr std::size_t kRest = 256;  // of the request
  out.reserve(out.size() + base64_size(bytes) + kRest);
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::optional<Error> append_file(const std::filesystem::path& path, std::size_t max_bytes, std::string& out) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unreadable(path, "it is a folder");
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > max_bytes) return too_large(size, max_bytes);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(path, errno != 0 ? std::strerror(errno) : "it cannot be opened");
  if (!error) reserve_more(out, size);
  Base64Stream base64(out);
  std::vector<char> piece(kPiece);
  std::size_t total = 0;
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    total += count;
    if (total > max_bytes) return too_large(total, max_bytes);
    base64.write(std::as_bytes(std::span(piece).first(count)));
  }
  if (file.bad()) return unreadable(path, "reading it failed");
  if (total == 0) return unreadable(path, "it is empty");
  base64.finish();
  return std::nullopt;
}

std::optional<Error> append_bytes(std::span<const std::byte> bytes, std::size_t max_bytes, std::string& out) {
  if (bytes.empty()) return refused("an image without bytes");
  if (bytes.size() > max_bytes) return too_large(bytes.size(), max_bytes);
  reserve_more(out, bytes.size());
  append_base64(bytes, out);
  return std::nullopt;
}

/// Numbers of a pickle or a bitmap: little-endian.
template <typename Number>
void append_number(Number value, std::string& out) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFF);
  }
}

std::size_t channels_of(PixelOrder order) {
  return order == PixelOrder::grey ? 1 : kChannels;
}

std::span<const std::byte> row_of(const PixelView& pixels, int y) {
  const std::size_t length = static_cast<std::size_t>(pixels.width) * channels_of(pixels.order);
  const auto stride = pixels.stride != 0 ? pixels.stride : static_cast<std::ptrdiff_t>(length);
  return std::as_bytes(std::span(pixels.data + y * stride, length));
}

/// The row in BGR, or grey. `buffer` holds what had to be exchanged.
std::span<const std::byte> bgr_row(const PixelView& pixels, int y, std::vector<std::byte>& buffer) {
  const auto row = row_of(pixels, y);
  if (pixels.order != PixelOrder::rgb) return row;
  buffer.resize(row.size());
  for (std::size_t i = 0; i + 2 < row.size(); i += kChannels) {
    buffer[i] = row[i + 2];
    buffer[i + 1] = row[i + 1];
    buffer[i + 2] = row[i];
  }
  return buffer;
}

/// What comes before the pixels in a pickled array (protocol 3): the calls that make an array of uint8, its shape.
std::string pickle_head(const PixelView& pixels, std::uint32_t bytes) {
  using namespace std::string_literals;
  std::string head =
      "\x80\x03"
      "cnumpy.core.multiarray\n_reconstruct\n"
      "cnumpy\nndarray\n"
      "K\0\x85"
      "C\x01"
      "b\x87R"
      "(K\x01"s;
  head += 'J';
  append_number(pixels.height, head);
  head += 'J';
  append_number(pixels.width, head);
  head += pixels.order == PixelOrder::grey ? "\x86"s : "K\x03\x87"s;
  head +=
      "cnumpy\ndtype\n"
      "X\x02\0\0\0u1\x89\x88\x87R"
      "(K\x03X\x01\0\0\0|NNNJ\xFF\xFF\xFF\xFFJ\xFF\xFF\xFF\xFFK\0tb"
      "\x89"
      "B"s;
  append_number(bytes, head);
  return head;
}

void append_pickle(const PixelView& pixels, std::uint32_t bytes, Base64Stream& base64) {
  base64.write(bytes_of(pickle_head(pixels, bytes)));
  std::vector<std::byte> buffer;
  for (int y = 0; y < pixels.height; ++y) base64.write(bgr_row(pixels, y, buffer));
  base64.write(bytes_of("tb."));
}

/// A bitmap of 24 bits per pixel; the last row comes first, each is padded to four bytes.
void append_bitmap(const PixelView& pixels, Base64Stream& base64) {
  constexpr std::uint32_t kHeadBytes = 54;
  const std::size_t row_bytes = static_cast<std::size_t>(pixels.width) * kChannels;
  const std::size_t padded = (row_bytes + 3) / 4 * 4;
  const auto data_bytes = static_cast<std::uint32_t>(padded * static_cast<std::size_t>(pixels.height));
  std::string head = "BM";
  for (const std::uint32_t value : {kHeadBytes + data_bytes, 0U, kHeadBytes, 40U}) append_number(value, head);
  for (const int side : {pixels.width, pixels.height}) append_number(side, head);
  for (const std::uint16_t value : {std::uint16_t{1}, std::uint16_t{24}}) append_number(value, head);
  for (const std::uint32_t value : {0U, data_bytes, 0U, 0U, 0U, 0U}) append_number(value, head);
  base64.write(bytes_of(head));

  std::vector<std::byte> buffer;
  std::vector<std::byte> row(padded);
  for (int y = pixels.height - 1; y >= 0; --y) {
    const auto found = bgr_row(pixels, y, buffer);
    const std::size_t repeats = kChannels / channels_of(pixels.order);
    for (std::size_t i = 0; i < row_bytes; ++i) row[i] = found[i / repeats];
    base64.write(row);
  }
}

std::optional<Error> append_pixels(const PixelView& pixels, PixelForm form, std::size_t max_bytes, std::string& out) {
  constexpr int kMaxSide = 1 << 20;
  if (pixels.data == nullptr || pixels.width < 1 || pixels.height < 1) return refused("pixels without a size");
  if (pixels.width > kMaxSide || pixels.height > kMaxSide) return refused("pixels with a side over 1,048,576");
  const auto bytes = static_cast<std::uint64_t>(pixels.width) * static_cast<std::uint64_t>(pixels.height) *
                     (form == PixelForm::bmp ? kChannels : channels_of(pixels.order));
  constexpr std::uint64_t kMostInPickle = std::numeric_limits<std::uint32_t>::max() / 2;
  const auto limit = std::min<std::uint64_t>(max_bytes, kMostInPickle);
  if (bytes > limit) return too_large(bytes, static_cast<std::size_t>(limit));
  reserve_more(out, bytes + static_cast<std::uint64_t>(pixels.height) * 3 + 256);
  Base64Stream base64(out);
  if (form == PixelForm::numpy) {
    append_pickle(pixels, static_cast<std::uint32_t>(bytes), base64);
  } else {
    append_bitmap(pixels, base64);
  }
  base64.finish();
  return std::nullopt;
}

struct Appender {
  PixelForm form;
  std::size_t max_bytes;
  std::string& out;

  std::optional<Error> operator()(const Image::File& file) const {
    return quoted("base64", [&] { return append_file(file.path, max_bytes, out); });
  }
  std::optional<Error> operator()(std::span<const std::byte> bytes) const {
    return quoted("base64", [&] { return append_bytes(bytes, max_bytes, out); });
  }
  std::optional<Error> operator()(const Image::Url& url) const {
    out += R"({"type":"url","value":)";
    out += nlohmann::json(url.text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out += '}';
    return std::nullopt;
  }
  std::optional<Error> operator()(const PixelView& pixels) const {
    return quoted(form == PixelForm::numpy ? "numpy" : "base64",
                  [&] { return append_pixels(pixels, form, max_bytes, out); });
  }

  template <typename Append>
  std::optional<Error> quoted(const char* type, Append append) const {
    out.append(R"({"type":")").append(type).append(R"(","value":")");
    auto problem = append();
    out += "\"}";
    return problem;
  }
};

}  // namespace

std::optional<Error> append_image(const Image& image, PixelForm form, std::size_t max_bytes, std::string& out) {
  return std::visit(Appender{form, max_bytes, out}, image.source());
}

}  // namespace osprey::client
