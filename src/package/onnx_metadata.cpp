#include "package/onnx_metadata.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>

#include "package/files.hpp"
#include "package/inference_config.hpp"
#include "package/json_node.hpp"
#include "package/keypoints.hpp"
#include "package/python_literal.hpp"

namespace osprey::package {
namespace {

using vision::Task;

constexpr const char* kWhere = "ONNX metadata";

// A key's value as a literal; null when the key is absent or its value none.
nlohmann::json literal(const std::map<std::string, std::string>& metadata, const char* key, Problems& problems) {
  const auto found = metadata.find(key);
  if (found == metadata.end() || found->second.empty()) return {};
  auto value = found->second.size() > kMaxTextBytes ? std::nullopt : parse_python_literal(found->second);
  if (value) return std::move(*value);
  problems.add(std::string(kWhere) + ": " + key + " is no Python literal such as {0: 'cat'}");
  return {};
}

// Names from {0: 'a', 1: 'b'} or ['a', 'b'].
std::vector<std::string> read_names(const nlohmann::json& value, Problems& problems) {
  const JsonNode node(&value, kWhere, "names", problems);
  std::vector<std::string> names;
  if (!node.present()) return names;
  if (value.size() > kMaxClassNames) {
    problems.add(node.where() + " has more than " + std::to_string(kMaxClassNames) + " classes");
    return names;
  }
  for (std::size_t id = 0; id < value.size() && problems.status(); ++id) {
    const std::string key = std::to_string(id);
    names.push_back((value.is_array() ? node.item(id) : node[key.c_str()]).text());
  }
  return names;
}

std::optional<vision::Size> read_image_size(const nlohmann::json& value, Problems& problems) {
  const JsonNode node(&value, kWhere, "imgsz", problems);
  if (!node.present()) return std::nullopt;
  if (value.is_number()) return vision::Size{node.integer(1, kMaxInputSide), node.integer(1, kMaxInputSide)};
  const std::vector<JsonNode> sides = node.items();
  if (sides.size() != 2) {
    node.reject("[height, width] is expected");
    return std::nullopt;
  }
  return vision::Size{sides[1].integer(1, kMaxInputSide), sides[0].integer(1, kMaxInputSide)};
}

std::vector<std::string> read_keypoints(const nlohmann::json& shape, const nlohmann::json& names, Problems& problems) {
  std::vector<std::string> keypoints;
  if (const JsonNode node(&shape, kWhere, "kpt_shape", problems); node.present()) {
    const std::vector<JsonNode> sides = node.items();
    if (sides.size() != 2) {
      node.reject("[keypoints, 2 or 3] is expected");
      return keypoints;
    }
    const int count = sides[0].integer(1, kMaxKeypoints);
    if (sides[1].integer(2, 3) != 3) sides[1].reject("keypoints with x, y and confidence (3) are expected");
    for (int slot = 0; slot < count; ++slot) keypoints.push_back(std::to_string(slot));
  }
  // Names are a nicety: numbers serve where they are absent or of another form.
  if (names.is_object() && !names.empty() && names.front().is_array() && names.front().size() == keypoints.size()) {
    for (std::size_t slot = 0; slot < keypoints.size(); ++slot) {
      const nlohmann::json& name = names.front()[slot];
      if (name.is_string()) keypoints[slot] = name.get<std::string>();
    }
  }
  return keypoints;
}

// What `read` makes of metadata, or the first problem that it notes.
template <typename Read>
auto part(Read read) -> Result<decltype(read(std::declval<Problems&>()))> {
  Problems problems(Code::data_corrupted);
  auto value = read(problems);
  if (const Status status = problems.status(); !status) return status.error();
  return value;
}

bool is_true(const nlohmann::json& value) {
  return value.is_boolean() && value.get<bool>();
}

}  // namespace

std::string architecture_of(const std::string& description) {
  constexpr std::string_view kBefore = "Ultralytics ";
  std::string_view rest = description;
  if (!rest.starts_with(kBefore)) return {};
  rest.remove_prefix(kBefore.size());
  std::string name(rest.substr(0, rest.find(' ')));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view version = name;
  if (!version.starts_with("yolo")) return {};
  version.remove_prefix(4);
  if (version.starts_with('v')) version.remove_prefix(1);
  int number = 0;
  if (std::from_chars(version.data(), version.data() + version.size(), number).ec != std::errc()) return {};
  switch (number) {
    case 3:
    case 5:
    case 6:
    case 8: return "yolov8";  // this trainer gives its v3, v5 and v6 the head of v8
    case 9: return "yolov9";
    case 10: return "yolov10";
    case 11: return "yolov11";
    case 12: return "yolov12";
    case 26: return "yolo26";
    default: return {};
  }
}

ExportMetadata read_export_metadata(const std::map<std::string, std::string>& metadata) {
  ExportMetadata result;
  if (const auto task = metadata.find("task"); task != metadata.end()) {
    result.task = vision::task_from_name(task->second);
    result.task_name = task->second;
  }
  if (const auto description = metadata.find("description"); description != metadata.end()) {
    result.architecture = architecture_of(description->second);
  }
  result.class_names =
      part([&](Problems& problems) { return read_names(literal(metadata, "names", problems), problems); });
  result.size =
      part([&](Problems& problems) { return read_image_size(literal(metadata, "imgsz", problems), problems); });
  result.keypoints = part([&](Problems& problems) {
    return read_keypoints(literal(metadata, "kpt_shape", problems), literal(metadata, "kpt_names", problems), problems);
  });
  Problems ignored(Code::data_corrupted);  // without these two the outputs' shapes still tell right from wrong
  const nlohmann::json arguments = literal(metadata, "args", ignored);
  result.nms = arguments.is_object() && is_true(arguments.value("nms", nlohmann::json()));
  result.end2end = is_true(literal(metadata, "end2end", ignored));
  return result;
}

}  // namespace osprey::package
