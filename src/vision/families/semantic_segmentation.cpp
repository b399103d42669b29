#include "vision/families/semantic_segmentation.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vision/activations.hpp"
#include "vision/families/architecture.hpp"
#include "vision/families/candidates.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/resized_rows.hpp"

namespace osprey::vision {
namespace {

/// How a pixel's confidence comes from its logits: the softmax of the greatest, or its sigmoid.
enum class PixelActivation { softmax, sigmoid };

struct Dialect {
  std::string_view base;
  PixelActivation activation;
  float default_confidence;
};

constexpr Dialect kDialects[] = {
    {"deep-lab-v3-plus", PixelActivation::softmax, 0.5F},
    {"yolo26", PixelActivation::softmax, 0.25F},
    {"rfdetr", PixelActivation::sigmoid, 0.4F},
};

constexpr std::size_t kMaxClasses = 256;  // ids are told in 8 bits

std::optional<int> background_of(const std::vector<std::string>& class_names) {
  constexpr std::string_view kBackground = "background";
  for (std::size_t i = 0; i < class_names.size(); ++i) {
    const bool same = std::equal(class_names[i].begin(), class_names[i].end(), kBackground.begin(), kBackground.end(),
                                 [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    if (same) return static_cast<int>(i);
  }
  return std::nullopt;
}

/// The winning channel and its confidence for each pixel of a row.
struct PixelRow {
  std::vector<int> channels;
  std::vector<float> confidences;
  std::vector<float> exponents;  ///< scratch
  std::vector<float> sums;       ///< scratch
};

/// `logits`: channels x width. A NaN logit never wins, and under softmax makes the pixel's confidence NaN.
void classify(std::span<const float> logits, std::size_t width, PixelActivation activation, PixelRow& row) {
  row.channels.assign(width, 0);
  row.confidences.assign(width, -std::numeric_limits<float>::infinity());
  const std::size_t count = logits.size() / width;
  int* const channels = row.channels.data();
  float* const best = row.confidences.data();
  for (std::size_t k = 0; k < count; ++k) {
    const float* const values = &logits[k * width];
    // One choice a loop: both in one are not vectorised.
    for (std::size_t x = 0; x < width; ++x) channels[x] = values[x] > best[x] ? static_cast<int>(k) : channels[x];
    for (std::size_t x = 0; x < width; ++x) best[x] = values[x] > best[x] ? values[x] : best[x];
  }
  if (activation == PixelActivation::sigmoid || count == 1) {
    apply_sigmoid(row.confidences);
    return;
  }
  row.exponents.resize(width);
  row.sums.assign(width, 0.0F);
  float* const exponents = row.exponents.data();
  float* const sums = row.sums.data();
  for (std::size_t k = 0; k < count; ++k) {
    const float* const values = &logits[k * width];
    for (std::size_t x = 0; x < width; ++x) exponents[x] = values[x] - best[x];
    clamp_below(row.exponents, -kMaxExponent);
    for (std::size_t x = 0; x < width; ++x) sums[x] += exponential(exponents[x]);
  }
  for (std::size_t x = 0; x < width; ++x) best[x] = 1.0F / sums[x];
}

class SemanticSegmentation final : public Family {
 public:
  SemanticSegmentation(FamilyConfig config, const Dialect& dialect, int background)
      : config_(std::move(config)), dialect_(dialect), background_(background) {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    std::vector<TensorSpec> specs;
    for (const TensorView& output : outputs) specs.push_back({"", {output.shape.begin(), output.shape.end()}});
    const auto position = position_of_logits(specs);
    if (!position) return Error{Code::internal, position.error().message};
    const auto logits = output_of_image(outputs, *position, index, specs[*position].shape);
    if (!logits) return logits.error();
    return Prediction(map_of(*logits, geometry, Thresholds(options.confidence, config_, dialect_.default_confidence)));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    const auto position = position_of_logits(outputs);
    if (!position) return position.error();
    return {};
  }

 private:
  [[nodiscard]] std::int64_t name_count() const { return static_cast<std::int64_t>(config_.class_names.size()); }

  [[nodiscard]] Result<std::size_t> position_of_logits(std::span<const TensorSpec> outputs) const {
    const auto is_map = [](const TensorSpec& spec) { return spec.shape.size() == 4; };
    const auto found = std::find_if(outputs.begin(), outputs.end(), is_map);
    if (std::count_if(outputs.begin(), outputs.end(), is_map) == 1) {
      // Channels are one a name, or the background has none; a single channel only makes sense beside a background.
      const std::int64_t channels = found->shape[1];
      const bool fit = channels < 0 || channels == name_count() - 1 || (channels == name_count() && channels > 1);
      if (fit && channels != 0) return static_cast<std::size_t>(found - outputs.begin());
    }
    return unexpected_outputs(
        config_.architecture,
        "one output of class logits [batch, channels, height, width] with a channel for each of " +
            std::to_string(name_count()) + " class names or for each but the background",
        outputs);
  }

  [[nodiscard]] SemanticMap map_of(const TensorView& logits, const Geometry& geometry,
                                   const Thresholds& thresholds) const {
    // As in the reference, a crop that starts at the image's corner leaves the map at the crop's size.
    const bool pasted = geometry.crop_x > 0 || geometry.crop_y > 0;
    SemanticMap map;
    map.size = pasted ? geometry.image : geometry.crop;
    const auto map_width = static_cast<std::size_t>(map.size.width);
    const std::size_t area = map_width * static_cast<std::size_t>(map.size.height);
    map.class_ids.assign(area, static_cast<std::uint8_t>(background_));
    map.confidences.assign(area, 0);

    const auto channels = static_cast<std::size_t>(logits.dim(0));
    const bool background_left_out = logits.dim(0) == name_count() - 1;
    const MaskGrid grid =
        mask_grid(geometry, {static_cast<int>(logits.dim(2)), static_cast<int>(logits.dim(1))}, DecodeOptions{});
    if (grid.window.width <= 0) return map;
    const auto width = static_cast<std::size_t>(grid.target.width);
    // Margins where a center-crop cut the image hold the background's id as a logit: the reference's filling.
    ResizedRows rows(grid, channels, static_cast<float>(background_));
    PixelRow row;
    for (int y = 0; y < grid.target.height; ++y) {
      classify(rows.read(logits, y), width, dialect_.activation, row);
      const std::size_t start = static_cast<std::size_t>(pasted ? y + geometry.crop_y : y) * map_width +
                                static_cast<std::size_t>(pasted ? geometry.crop_x : 0);
      for (std::size_t x = 0; x < width; ++x) {
        int class_id = row.channels[x];
        if (background_left_out && class_id >= background_) ++class_id;
        const float confidence = row.confidences[x];
        if (!(confidence >= thresholds.of(class_id))) continue;
        map.class_ids[start + x] = static_cast<std::uint8_t>(class_id);
        map.confidences[start + x] = static_cast<std::uint8_t>(confidence * 255.0F);
      }
    }
    return map;
  }

  FamilyConfig config_;
  Dialect dialect_;
  int background_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_semantic_segmentation(FamilyConfig config) {
  const std::string_view base = base_architecture(Task::semantic_segmentation, config.architecture);
  const auto* const dialect = std::find_if(std::begin(kDialects), std::end(kDialects),
                                           [&](const Dialect& known) { return known.base == base; });
  if (dialect == std::end(kDialects)) {
    return Error{Code::unsupported, "\"" + config.architecture +
                                        "\" is no semantic segmentation architecture; known are deep-lab-v3-plus, "
                                        "yolo26 and rfdetr"};
  }
  if (config.class_names.size() > kMaxClasses) {
    return Error{Code::data_corrupted, std::to_string(config.class_names.size()) +
                                           " class names; semantic segmentation has room for " +
                                           std::to_string(kMaxClasses)};
  }
  const auto background = background_of(config.class_names);
  if (!background) {
    return Error{Code::data_corrupted,
                 "semantic segmentation needs a class named \"background\" (in any case) among its class names; there "
                 "is none among the " +
                     std::to_string(config.class_names.size()) + " of this package"};
  }
  return std::unique_ptr<const Family>(
      std::make_unique<SemanticSegmentation>(std::move(config), *dialect, *background));
}

}  // namespace osprey::vision
