#include "service/visualization.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <variant>

#include "image/draw.hpp"
#include "image/encode.hpp"

namespace osprey::service {
namespace {

constexpr int kJpegQuality = 90;  // as the reference's

image::Color color_of(const package::Package& package, int class_id) {
  const auto i = static_cast<std::size_t>(class_id);
  if (i < package.family.class_names.size()) {
    const auto found = package.colors.find(package.family.class_names[i]);
    if (found != package.colors.end()) {
      if (const auto color = image::parse_color(found->second)) return *color;
    }
  }
  return image::class_color(i);
}

std::string label_of(const package::Package& package, int class_id, double confidence) {
  const auto i = static_cast<std::size_t>(class_id);
  char number[16];
  std::snprintf(number, sizeof number, " %.2f", confidence);
  return (i < package.family.class_names.size() ? package.family.class_names[i] : std::to_string(class_id)) + number;
}

image::Point pixel(float x, float y) {
  return {static_cast<int>(x), static_cast<int>(y)};
}

/// A mask told on a smaller grid, enlarged to the image without interpolation: good enough to look at.
vision::MaskRegion enlarged(const vision::MaskRegion& mask, double scale_x, double scale_y) {
  vision::MaskRegion large;
  large.x = static_cast<int>(mask.x * scale_x);
  large.y = static_cast<int>(mask.y * scale_y);
  large.size = {static_cast<int>(mask.size.width * scale_x), static_cast<int>(mask.size.height * scale_y)};
  large.pixels.reserve(static_cast<std::size_t>(large.size.width) * static_cast<std::size_t>(large.size.height));
  for (int y = 0; y < large.size.height; ++y) {
    const int from_y = std::min(static_cast<int>(y / scale_y), mask.size.height - 1);
    for (int x = 0; x < large.size.width; ++x) {
      const int from_x = std::min(static_cast<int>(x / scale_x), mask.size.width - 1);
      large.pixels.push_back(mask.pixels[static_cast<std::size_t>(from_y) * static_cast<std::size_t>(mask.size.width) +
                                         static_cast<std::size_t>(from_x)]);
    }
  }
  return large;
}

/// Draws one kind of prediction; masks first, so that boxes and labels stay readable over them.
struct Painter {
  image::Image& canvas;
  const package::Package& package;
  const VisualizationOptions& options;

  Status operator()(const vision::ObjectDetections& found) const {
    for (const auto& detection : found.detections) {
      if (auto drawn = box(detection); !drawn) return drawn;
    }
    for (const auto& detection : found.detections) {
      if (auto drawn = label(detection); !drawn) return drawn;
    }
    return {};
  }

  Status operator()(const vision::InstanceSegments& found) const {
    const double scale_x = double(canvas.size().width) / std::max(1, found.canvas.width);
    const double scale_y = double(canvas.size().height) / std::max(1, found.canvas.height);
    vision::ObjectDetections boxes;
    for (const auto& instance : found.instances) {
      auto detection = instance.detection;
      detection.box = {static_cast<float>(detection.box.x1 * scale_x), static_cast<float>(detection.box.y1 * scale_y),
                       static_cast<float>(detection.box.x2 * scale_x), static_cast<float>(detection.box.y2 * scale_y)};
      boxes.detections.push_back(detection);
      if (instance.mask.pixels.empty()) continue;
      const auto mask = found.reduced ? enlarged(instance.mask, scale_x, scale_y) : instance.mask;
      if (auto drawn =
              image::draw_mask(canvas, mask.pixels, mask.size, {mask.x, mask.y}, color_of(package, detection.class_id));
          !drawn)
        return drawn;
    }
    return (*this)(boxes);
  }

  Status operator()(const vision::Poses& found) const {
    vision::ObjectDetections boxes;
    for (const auto& pose : found.poses) boxes.detections.push_back(pose.detection);
    if (auto drawn = (*this)(boxes); !drawn) return drawn;
    const int radius = std::max(options.stroke_width, image::stroke_width_for(canvas.size()) + 1);
    for (const auto& pose : found.poses) {
      for (const auto& keypoint : pose.keypoints) {
        // Each slot has a colour of its own, so that left and right can be told apart.
        if (auto drawn = image::draw_disc(canvas, pixel(keypoint.x, keypoint.y), radius,
                                          image::class_color(static_cast<std::size_t>(keypoint.slot)));
            !drawn) {
          return drawn;
        }
      }
    }
    return {};
  }

  Status operator()(const vision::Classification& found) const {
    // Nothing above the threshold: the picture as it is.
    if (found.scores.empty()) return {};
    const auto& best = found.scores.front();
    const auto color = color_of(package, best.class_id);
    if (auto drawn = frame(color); !drawn) return drawn;
    return image::draw_label(canvas, label_of(package, best.class_id, best.confidence), {0, 0}, color);
  }

  Status operator()(const vision::MultiLabelClassification& found) const {
    const int line = std::max(16, canvas.size().height / 16);
    int y = 0;
    for (const int class_id : found.predicted) {
      const auto text = label_of(package, class_id, double{found.scores[static_cast<std::size_t>(class_id)]});
      if (auto drawn = image::draw_label(canvas, text, {0, y}, color_of(package, class_id)); !drawn) return drawn;
      y += line;
    }
    return {};
  }

  // The wire has no picture for semantic segmentation: its answer is a picture already.
  Status operator()(const vision::SemanticMap& /*map*/) const { return {}; }

  Status box(const vision::Detection& detection) const {
    return image::draw_rectangle(canvas, pixel(detection.box.x1, detection.box.y1),
                                 pixel(detection.box.x2, detection.box.y2), color_of(package, detection.class_id),
                                 options.stroke_width);
  }

  Status label(const vision::Detection& detection) const {
    if (!options.labels) return {};
    return image::draw_label(canvas, label_of(package, detection.class_id, double{detection.confidence}),
                             pixel(detection.box.x1, detection.box.y1), color_of(package, detection.class_id));
  }

  Status frame(image::Color color) const {
    const auto size = canvas.size();
    return image::draw_rectangle(canvas, {0, 0}, {size.width - 1, size.height - 1}, color, options.stroke_width);
  }
};

}  // namespace

Result<std::vector<std::byte>> visualize(image::Image canvas, const vision::Prediction& prediction,
                                         const package::Package& package, const VisualizationOptions& options) {
  if (auto drawn = std::visit(Painter{canvas, package, options}, prediction); !drawn) return std::move(drawn).error();
  return image::encode_jpeg(canvas.view(), kJpegQuality);
}

}  // namespace osprey::service
