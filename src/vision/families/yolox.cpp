#include "vision/families/yolox.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "vision/families/candidates.hpp"
#include "vision/families/end_to_end_detection.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {
namespace {

constexpr float kDefaultConfidence = 0.4F;

class Yolox final : public Family {
 public:
  explicit Yolox(FamilyConfig config)
      : config_(std::move(config)),
        class_count_(config_.class_names.size()),
        expected_{-1, grid_cells(config_.network), 5 + static_cast<std::int64_t>(class_count_)} {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto image = output_of_image(outputs, 0, index, expected_);
    if (!image) return image.error();
    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    const auto kept = non_maximum_suppression(candidates(*image, thresholds), nms_options(options));
    return Prediction(to_detections(kept, geometry, options, config_.class_names));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    return check_shapes(config_.architecture, outputs, std::array{expected_},
                        "a row per cell of strides 8, 16 and 32 on " + std::to_string(config_.network.width) + "x" +
                            std::to_string(config_.network.height) + " pixels: 4 box values + objectness + " +
                            std::to_string(class_count_) + " classes");
  }

 private:
  [[nodiscard]] std::vector<Candidate> candidates(const TensorView& image, const Thresholds& thresholds) const {
    std::vector<Candidate> found;
    const std::size_t width = 5 + class_count_;
    std::size_t i = 0;
    for (const int stride : {8, 16, 32}) {
      for (int cell_y = 0; cell_y < config_.network.height / stride; ++cell_y) {
        for (int cell_x = 0; cell_x < config_.network.width / stride; ++cell_x, ++i) {
          const auto row = image.data.subspan(i * width, width);
          // Class scores are at most 1, so the product cannot pass where objectness alone does not.
          if (!(row[4] > thresholds.lowest())) continue;
          const auto best = best_class(row.subspan(5));
          const float score = row[4] * best.score;
          if (!(score > thresholds.of(best.class_id))) continue;
          const auto scale = static_cast<float>(stride);
          const Box box = box_from_center((row[0] + static_cast<float>(cell_x)) * scale,
                                          (row[1] + static_cast<float>(cell_y)) * scale, std::exp(row[2]) * scale,
                                          std::exp(row[3]) * scale);
          found.push_back({box, score, best.class_id, static_cast<int>(i)});
        }
      }
    }
    return found;
  }

  FamilyConfig config_;
  std::size_t class_count_;
  Shape expected_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_yolox(FamilyConfig config) {
  if (config.fused) return make_fused_detection(std::move(config));
  if (grid_cells(config.network) == 0) {
    return Error{Code::data_corrupted, "yolox needs the size of the network's input, at least 8x8 pixels; found " +
                                           std::to_string(config.network.width) + "x" +
                                           std::to_string(config.network.height)};
  }
  return std::unique_ptr<const Family>(std::make_unique<Yolox>(std::move(config)));
}

}  // namespace osprey::vision
