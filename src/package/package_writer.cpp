#include "package/package_writer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "package/architecture.hpp"
#include "package/files.hpp"

namespace osprey::package {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// As short as it was given: 0.485, and not the double nearest to that float.
Json number(float value) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return Json::parse(text.data(), written.ptr);
}

Json numbers(const std::array<float, 3>& values) {
  return Json::array({number(values[0]), number(values[1]), number(values[2])});
}

Json input_json(const ModelJson& model) {
  Json input = Json::object();
  if (model.width) input["width"] = *model.width;
  if (model.height) input["height"] = *model.height;
  if (model.resize_mode) input["resize_mode"] = kResizeModes[static_cast<std::size_t>(*model.resize_mode)];
  if (model.padding_value) input["padding_value"] = *model.padding_value;
  if (model.letterbox_anchor) {
    input["letterbox_anchor"] = *model.letterbox_anchor == vision::LetterboxAnchor::center ? "center" : "top-left";
  }
  if (model.color_mode) input["color_mode"] = *model.color_mode == vision::ColorMode::rgb ? "rgb" : "bgr";
  if (const auto& factor = model.scaling_factor) input["scaling_factor"] = *factor ? number(**factor) : Json();
  if (const auto& normalization = model.normalization) {
    input["normalization"] =
        *normalization ? Json::array({numbers((*normalization)->mean), numbers((*normalization)->std)}) : Json();
  }
  return input;
}

/// An open file, closed at the end.
class File {
 public:
  File(const fs::path& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  explicit operator bool() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Error write_failure(const fs::path& file) {
  return {Code::internal, file.filename().string() + " cannot be written: " + std::strerror(errno)};
}

bool write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(to, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Copies all of `from`, whose position is its beginning; what fails is told by the Error.
Status copy(const File& from, const File& to, const fs::path& file) {
  if (::ioctl(to.get(), FICLONE, from.get()) == 0) return {};
  constexpr std::size_t kStep = std::size_t{64} << 20U;
  while (true) {
    const auto count = ::copy_file_range(from.get(), nullptr, to.get(), nullptr, kStep, 0);
    if (count == 0) return {};
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) break;
    if (count < 0) return write_failure(file);
  }
  std::string piece(std::size_t{1} << 20U, '\0');
  while (true) {
    const auto count = ::read(from.get(), piece.data(), piece.size());
    if (count == 0) return {};
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error{Code::unavailable, std::string("the network cannot be read: ") + std::strerror(errno)};
    if (!write_all(to.get(), std::string_view(piece).substr(0, static_cast<std::size_t>(count)))) {
      return write_failure(file);
    }
  }
}

Status write_text(const fs::path& file, std::string_view text) {
  return write_weights(WeightsSource(text), file);
}

}  // namespace

std::string model_json_text(const ModelJson& model) {
  Json json = Json::object();
  if (model.task) json["task"] = vision::to_string(*model.task);
  if (!model.architecture.empty()) json["architecture"] = model.architecture;
  if (!model.keypoints.empty()) json["keypoints"] = model.keypoints;
  if (Json input = input_json(model); !input.empty()) json["input"] = std::move(input);
  if (model.confidence) json["confidence"] = number(*model.confidence);
  if (model.fused) json["fused"] = *model.fused;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Status write_weights(const WeightsSource& source, const fs::path& file) {
  const File to(file, O_WRONLY | O_CREAT | O_TRUNC);
  if (!to) return write_failure(file);
  if (const auto* bytes = std::get_if<std::string_view>(&source)) {
    if (!write_all(to.get(), *bytes)) return write_failure(file);
  } else {
    const auto& path = std::get<fs::path>(source);
    const File from(path, O_RDONLY | O_NONBLOCK);
    if (!from) {
      return Error{Code::unavailable, path.filename().string() + " cannot be read: " + std::strerror(errno)};
    }
    if (auto copied = copy(from, to, file); !copied) return copied;
  }
  if (::fsync(to.get()) != 0) return write_failure(file);
  return {};
}

Status write_package(const fs::path& folder, const ModelJson& model) {
  if (!model.class_names.empty()) {
    std::string text;
    for (const auto& name : model.class_names) text += name + "\n";
    const auto read_back = parse_class_names(text, "the list of class names");
    if (!read_back) return read_back.error();
    if (*read_back != model.class_names) {
      return Error{Code::invalid_argument, "a class name is empty, or has blanks around it or a line break in it"};
    }
    if (auto written = write_text(folder / "class_names.txt", text); !written) return written;
  }
  return write_text(folder / "model.json", model_json_text(model));
}

Status sync_folder(const fs::path& folder) {
  const File opened(folder, O_RDONLY | O_DIRECTORY);
  if (!opened || ::fsync(opened.get()) != 0) return write_failure(folder);
  return {};
}

}  // namespace osprey::package
