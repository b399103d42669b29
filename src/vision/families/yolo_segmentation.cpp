#include "vision/families/yolo_segmentation.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vision/families/architecture.hpp"
#include "vision/families/candidates.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/families/prototype_instances.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {
namespace {

/// Layouts of the detections of one image.
enum class Layout {
  columns,          ///< [4 + C + P, N]
  ranked_rows,      ///< [K, 6 + P]: corners, score, class
  objectness_rows,  ///< [N, 5 + C + P]
  undecided,        ///< columns or ranked rows, as the run-time shape will tell
};

struct Dialect {
  std::string_view base;
  Layout layout;  ///< undecided: told by shape
  bool thresholds_objectness;
  MaskActivation activation;
  float default_confidence;
};

// The reference cuts masks of YOLOv5 and YOLOv7 at raw logits, which lets them bleed past their box; here they are
// those of the same network in the YOLOv8 layout (docs/deviations.md).
constexpr Dialect kDialects[] = {
    {"yolov5", Layout::objectness_rows, true, MaskActivation::sigmoid, 0.4F},
    {"yolov7", Layout::objectness_rows, false, MaskActivation::sigmoid, 0.4F},
    {"yolov8", Layout::columns, false, MaskActivation::sigmoid, 0.4F},
    {"yolov9", Layout::columns, false, MaskActivation::sigmoid, 0.4F},
    {"yolov11", Layout::columns, false, MaskActivation::sigmoid, 0.4F},
    {"yolov12", Layout::columns, false, MaskActivation::sigmoid, 0.4F},
    {"yolo26", Layout::undecided, false, MaskActivation::logits, 0.25F},
};

/// The number of prototypes of all trainers, for messages and where a network leaves it to the run.
constexpr std::int64_t kUsualPrototypes = 32;

/// Candidates of the rows cx, cy, w, h, objectness, C class scores, P coefficients.
std::vector<Candidate> objectness_candidates(const TensorView& image, int class_count, const Thresholds& thresholds,
                                             bool by_objectness) {
  std::vector<Candidate> candidates;
  const auto width = static_cast<std::size_t>(image.dim(1));
  const auto classes = static_cast<std::size_t>(class_count);
  for (std::int64_t i = 0; i < image.dim(0); ++i) {
    const auto row = image.data.subspan(static_cast<std::size_t>(i) * width, width);
    if (by_objectness && !(row[4] > thresholds.lowest())) continue;
    float best = -std::numeric_limits<float>::infinity();
    int class_id = -1;
    for (std::size_t c = 0; c < classes; ++c) {
      if (!(row[5 + c] > best)) continue;
      best = row[5 + c];
      class_id = static_cast<int>(c);
    }
    if (class_id < 0 || !((by_objectness ? row[4] : best) > thresholds.of(class_id))) continue;
    candidates.push_back({box_from_center(row[0], row[1], row[2], row[3]), best, class_id, static_cast<int>(i)});
  }
  return candidates;
}

class YoloSegmentation final : public Family {
 public:
  YoloSegmentation(FamilyConfig config, const Dialect& dialect)
      : config_(std::move(config)), dialect_(dialect), class_count_(static_cast<int>(config_.class_names.size())) {
    if (dialect_.layout == Layout::columns && config_.fused) dialect_.layout = Layout::ranked_rows;
  }

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    std::vector<TensorSpec> specs;
    for (const TensorView& output : outputs) specs.push_back({"", {output.shape.begin(), output.shape.end()}});
    const auto reading = read_shapes(specs);
    if (!reading) return Error{Code::internal, reading.error().message};
    const auto rows = output_of_image(outputs, reading->detections, index, specs[reading->detections].shape);
    if (!rows) return rows.error();
    const auto prototypes = output_of_image(outputs, reading->prototypes, index, specs[reading->prototypes].shape);
    if (!prototypes) return prototypes.error();

    auto segments = prototype_instances(kept_candidates(*rows, reading->layout, options),
                                        coefficients_of(*rows, *reading), *prototypes, PrototypeLayout::channels_first,
                                        dialect_.activation, geometry, options, config_.class_names);
    if (!segments) return segments.error();
    return Prediction(std::move(*segments));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    const auto reading = read_shapes(outputs);
    if (!reading) return reading.error();
    return {};
  }

 private:
  struct Reading {
    std::size_t detections = 0;  ///< position among the outputs
    std::size_t prototypes = 0;
    std::int64_t prototype_count = 0;
    Layout layout = Layout::undecided;
  };

  [[nodiscard]] Result<Reading> read_shapes(std::span<const TensorSpec> outputs) const {
    Reading reading;
    std::size_t of_rank_3 = 0;
    std::size_t of_rank_4 = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].shape.size() == 3 && of_rank_3++ == 0) reading.detections = i;
      if (outputs[i].shape.size() == 4 && of_rank_4++ == 0) reading.prototypes = i;
    }
    bool told = of_rank_3 == 1 && of_rank_4 == 1;
    if (dialect_.base == "yolov7" && outputs.size() == 5) {
      reading.detections = 0;
      reading.prototypes = 4;
      told = outputs[0].shape.size() == 3 && outputs[4].shape.size() == 4;
    }
    if (!told) return unexpected(kUsualPrototypes, outputs);

    const Shape& rows = outputs[reading.detections].shape;
    const std::int64_t found = outputs[reading.prototypes].shape[1];
    reading.prototype_count = found > 0 ? found : kUsualPrototypes;
    reading.layout = dialect_.layout;
    if (reading.layout == Layout::undecided) {
      const auto layout = yolo_layout(rows, class_count_, static_cast<int>(reading.prototype_count), config_.network);
      if (!layout) return layout.error().with_context(config_.architecture);
      switch (*layout) {
        case YoloLayout::end_to_end: reading.layout = Layout::ranked_rows; break;
        case YoloLayout::yolov8: reading.layout = Layout::columns; break;
        case YoloLayout::undecided: break;
      }
    } else if (!fits(rows, expected_rows(reading.prototype_count))) {
      return unexpected(reading.prototype_count, outputs);
    }
    return reading;
  }

  [[nodiscard]] Shape expected_rows(std::int64_t prototypes) const {
    switch (dialect_.layout) {
      case Layout::objectness_rows: return {-1, -1, 5 + class_count_ + prototypes};
      case Layout::columns: return {-1, 4 + class_count_ + prototypes, -1};
      case Layout::ranked_rows:
      case Layout::undecided: break;
    }
    return {-1, -1, 6 + prototypes};
  }

  [[nodiscard]] Error unexpected(std::int64_t prototypes, std::span<const TensorSpec> found) const {
    const std::string expected = osprey::to_string(expected_rows(prototypes)) + " (box, scores of " +
                                 std::to_string(class_count_) + " classes, " + std::to_string(prototypes) +
                                 " mask coefficients) and prototypes " +
                                 osprey::to_string(Shape{-1, prototypes, -1, -1});
    return unexpected_outputs(config_.architecture, expected, found);
  }

  [[nodiscard]] std::vector<Candidate> kept_candidates(const TensorView& rows, Layout layout,
                                                       const DecodeOptions& options) const {
    const Thresholds thresholds(options.confidence, config_, dialect_.default_confidence);
    switch (layout) {
      case Layout::ranked_rows: return end_to_end_candidates(rows, class_count_, thresholds, Passing::at_least);
      case Layout::columns:
        return non_maximum_suppression(yolov8_candidates(rows, class_count_, thresholds), nms_options(options));
      case Layout::objectness_rows:
        return non_maximum_suppression(
            objectness_candidates(rows, class_count_, thresholds, dialect_.thresholds_objectness),
            nms_options(options));
      case Layout::undecided: break;
    }
    return {};
  }

  [[nodiscard]] CoefficientTable coefficients_of(const TensorView& rows, const Reading& reading) const {
    CoefficientTable table;
    table.data = rows.data;
    table.count = static_cast<std::size_t>(reading.prototype_count);
    const auto width = static_cast<std::size_t>(rows.dim(1));
    if (reading.layout == Layout::columns) {
      table.start = static_cast<std::size_t>(4 + class_count_) * width;
      table.candidate_stride = 1;
      table.step = width;
    } else {
      table.start = width - table.count;
      table.candidate_stride = width;
    }
    return table;
  }

  FamilyConfig config_;
  Dialect dialect_;
  int class_count_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_yolo_segmentation(FamilyConfig config) {
  const std::string_view base = base_architecture(Task::instance_segmentation, config.architecture);
  for (const Dialect& dialect : kDialects) {
    if (dialect.base != base) continue;
    return std::unique_ptr<const Family>(std::make_unique<YoloSegmentation>(std::move(config), dialect));
  }
  return Error{Code::unsupported, "\"" + config.architecture +
                                      "\" is no YOLO segmentation architecture; known are yolov5, yolov7, yolov8, "
                                      "yolov9, yolov11, yolov12 and yolo26"};
}

}  // namespace osprey::vision
