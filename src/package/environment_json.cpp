#include "package/environment_json.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "package/architecture.hpp"
#include "package/files.hpp"
#include "package/image_steps.hpp"
#include "package/inference_config.hpp"

namespace osprey::package {
namespace {

using vision::Task;

// A side of resize; some packages have it as text.
int read_side(const JsonNode& node) {
  if (node.is_string()) {
    const std::string text = node.text();
    int side = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), side);
    if (error == std::errc() && end == text.data() + text.size() && side >= 1 && side <= kMaxInputSide) return side;
  }
  return node.integer(1, kMaxInputSide);
}

void read_resize(const JsonNode& resize, InputStyle style, Environment& environment) {
  std::string format;
  if (const JsonNode node = resize["format"]; node.present()) format = node.text();
  auto mode = PackageResizeMode::stretch;
  int padding = 0;
  if (format.starts_with("Fit") || format.starts_with("Fill")) {
    if (format == "Fit (grey edges) in") padding = 114;
    if (format == "Fit (white edges) in") padding = 255;
    const bool known = padding != 0 || format == "Fit (black edges) in" || format == "Fit (reflect edges) in" ||
                       format == "Fit within" || format == "Fill (with center crop) in";
    if (known) mode = PackageResizeMode::letterbox;
  }
  set_resize(environment.plan, style, mode, padding, std::nullopt);
  if (resize["width"].present() || resize["height"].present()) {
    environment.resize = vision::Size{read_side(resize["width"]), read_side(resize["height"])};
  }
}

std::vector<std::string> read_class_map(const JsonNode& map) {
  std::vector<std::string> names;
  if (!map.present()) return names;
  const auto members = map.members();
  if (members.size() > kMaxClassNames) {
    map.problems().add(map.where() + " has more than " + std::to_string(kMaxClassNames) + " classes");
    return names;
  }
  names.resize(members.size());
  for (const auto& [key, name] : members) {
    std::size_t id = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size() || id >= names.size() || !names[id].empty()) {
      name.reject("the keys should be the class numbers from 0 to " + std::to_string(names.size() - 1));
      continue;
    }
    names[id] = name.text();
    if (names[id].empty()) name.reject("a class name is expected");
  }
  return names;
}

std::optional<vision::Normalization> normalization_of(const std::string& architecture, Task task) {
  const bool classifies = task == Task::classification || task == Task::multi_label_classification;
  switch (input_style(architecture)) {
    case InputStyle::yolo: return classifies ? std::optional(symmetric_normalization()) : std::nullopt;
    case InputStyle::yolox: return std::nullopt;
    case InputStyle::vit: return symmetric_normalization();
    case InputStyle::rfdetr:
    case InputStyle::resnet:
    case InputStyle::deeplab: return imagenet_normalization();
  }
  return std::nullopt;
}

bool is_color(const nlohmann::json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return text.size() == 7 && text[0] == '#' && text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
}

}  // namespace

Result<Environment> read_environment(const JsonFile& file, Task task, const std::string& architecture) {
  Environment environment;
  const JsonNode root = file.root();
  const JsonNode preprocessing = root["PREPROCESSING"];
  const std::string where = preprocessing.where();
  nlohmann::json inner = nlohmann::json::object();
  if (preprocessing.is_string()) {
    auto parsed = parse_json(preprocessing.text(), where, Code::data_corrupted);
    if (!parsed) return std::move(parsed).error();
    inner = std::move(*parsed);
  } else if (preprocessing.present()) {
    inner = *preprocessing.value();
  }
  const JsonNode steps(&inner, where, "", preprocessing.problems());
  read_image_steps(steps, environment.plan);
  read_resize(steps["resize"], input_style(architecture), environment);
  environment.plan.normalization = normalization_of(architecture, task);

  environment.class_map = read_class_map(root["CLASS_MAP"]);
  if (const JsonNode multi = root["MULTICLASS"]; multi.present()) environment.multi_label = multi.boolean();
  if (auto status = file.status(); !status) return std::move(status).error();
  return environment;
}

std::map<std::string, std::string> read_colors(const JsonFile& file) {
  std::map<std::string, std::string> colors;
  const nlohmann::json* root = file.root().value();
  if (!root->is_object()) return colors;
  const auto found = root->find("COLORS");
  if (found == root->end() || !found->is_object() || found->size() > kMaxClassNames) return colors;
  for (const auto& [name, color] : found->items()) {
    if (is_color(color)) colors.emplace(name, color.get<std::string>());
  }
  return colors;
}

}  // namespace osprey::package
