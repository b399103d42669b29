#include "cli/infer_options.hpp"

#include <charconv>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/model_config.hpp"

namespace osprey::cli {
namespace {

Status set_confidence(const std::string& text, client::InferOptions& options) {
  options.confidence.reset();
  if (text == "best" || text == "default") {
    options.confidence_choice =
        text == "best" ? client::ConfidenceChoice::best : client::ConfidenceChoice::model_default;
    return {};
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 1)) {
    return Error{Code::invalid_argument, "--confidence: expected 0 to 1, best or default, not '" + text + "'"};
  }
  options.confidence = value;
  return {};
}

std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream parts(text);
  for (std::string name; std::getline(parts, name, ',');) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

template <typename Value>
void take_typed(const std::optional<Value>& typed, std::optional<Value>& value) {
  if (typed) value = typed;
}

}  // namespace

InferOptionFlags::InferOptionFlags(CLI::App& command) {
  const auto share = CLI::Range(0.0, 1.0);
  command
      .add_option("--confidence", confidence_,
                  "Threshold, 0 to 1; best: the package's own; default: the family's [0.4]")
      ->type_name("SHARE");
  command.add_option("--iou-threshold,--overlap", typed_.iou_threshold, "Boxes that overlap more are one object [0.3]")
      ->type_name("SHARE")
      ->check(share);
  // One text, and not a list of CLI11's, which would take the images that follow for names, too.
  command.add_option("--class-filter", class_filter_, "Names of the classes to keep, by comma")->type_name("NAMES");
  command.add_option("--max-detections", typed_.max_detections, "At most so many objects an image [300]")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000));
  command.add_option("--mask-format", mask_format_, "polygon or rle [polygon]")->type_name("FORMAT");
  command.add_flag("--labels", labels_, "Write class and confidence into annotated pictures");
  command.add_option("--stroke-width", typed_.stroke_width, "Pixels, in annotated pictures [1]")
      ->type_name("N")
      ->check(CLI::Range(1, 100));
  command
      .add_option("--model-config", model_config_, "Such settings in a YAML file, named as in InferenceConfiguration")
      ->type_name("FILE");
}

Result<client::InferOptions> InferOptionFlags::read() const {
  client::InferOptions options;
  if (!model_config_.empty()) {
    if (auto read = read_model_config(model_config_, options); !read) return std::move(read).error();
  }
  if (!confidence_.empty()) {
    if (auto set = set_confidence(confidence_, options); !set) return std::move(set).error();
  }
  if (!mask_format_.empty()) {
    if (mask_format_ != "polygon" && mask_format_ != "rle") {
      return Error{Code::invalid_argument, "--mask-format: expected polygon or rle, not '" + mask_format_ + "'"};
    }
    options.mask_format = mask_format_ == "rle" ? client::MaskFormat::rle : client::MaskFormat::polygon;
  }
  take_typed(typed_.iou_threshold, options.iou_threshold);
  take_typed(typed_.max_detections, options.max_detections);
  take_typed(typed_.stroke_width, options.stroke_width);
  take_typed(labels_, options.visualize_labels);
  if (!class_filter_.empty()) options.class_filter = names_in(class_filter_);
  return options;
}

}  // namespace osprey::cli
