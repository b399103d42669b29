#include "vision/preprocess.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "vision/contrast.hpp"
#include "vision/pixel_conversion.hpp"
#include "vision/resize.hpp"

namespace osprey::vision {
namespace {

using image::Image;
using image::ImageView;

std::string text(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

bool uses_pillow(const PreprocessPlan& plan) {
  return plan.resampling == Resampling::pillow_bilinear || plan.intermediate.has_value();
}

PixelConversion make_conversion(const PreprocessPlan& plan) {
  ValueScaling scaling{plan.scaling_factor.value_or(1.0F), std::nullopt, plan.normalization};
  if (uses_pillow(plan)) {  // RF-DETR divides by 255 and heeds another factor only where nothing normalises
    scaling.divisor = 255.0F;
    const bool rescales = !plan.normalization && plan.scaling_factor && *plan.scaling_factor != 255.0F;
    if (rescales) scaling.second_divisor = plan.scaling_factor;
  }
  return {scaling, plan.color_mode};
}

/// Everything of `plane` (canvas-sized) that the content does not cover.
void fill_border(std::span<float> plane, const Placement& placement, float value) {
  const auto width = static_cast<std::size_t>(placement.canvas.width);
  const auto left = static_cast<std::size_t>(placement.left);
  const auto right = left + static_cast<std::size_t>(placement.content.width);
  const auto top = static_cast<std::size_t>(placement.top);
  const auto bottom = top + static_cast<std::size_t>(placement.content.height);
  std::ranges::fill(plane.first(top * width), value);
  std::ranges::fill(plane.subspan(bottom * width), value);
  if (left == 0 && right == width) return;
  for (std::size_t y = top; y < bottom; ++y) {
    const auto row = plane.subspan(y * width, width);
    std::ranges::fill(row.first(left), value);
    std::ranges::fill(row.subspan(right), value);
  }
}

/// Writes `content` at its place in the tensor and `fill` around it.
void write_tensor(const ImageView& content, const Placement& placement, std::uint8_t fill, const PreprocessPlan& plan,
                  std::span<float> tensor) {
  const PixelConversion conversion = make_conversion(plan);
  const std::size_t area = tensor.size() / image::kChannels;
  for (std::size_t channel = 0; channel < image::kChannels; ++channel) {
    fill_border(tensor.subspan(channel * area, area), placement, conversion.value(channel, fill));
  }
  for (int y = 0; y < content.size.height; ++y) {
    const std::size_t start =
        static_cast<std::size_t>(placement.top + y) * static_cast<std::size_t>(placement.canvas.width) +
        static_cast<std::size_t>(placement.left);
    float* const first = tensor.data() + start;
    conversion.convert_row(content.row(y), content.size.width, {first, first + area, first + 2 * area});
  }
}

/// `content` on a uint8 canvas, for the first of two resizes.
Image compose(const ImageView& content, const Placement& placement, std::uint8_t fill) {
  Image canvas(placement.canvas);
  std::fill_n(canvas.data(), Image::byte_count(placement.canvas), fill);
  for (int y = 0; y < content.size.height; ++y) {
    std::copy_n(content.row(y), content.size.width * image::kChannels,
                canvas.row(placement.top + y) + static_cast<std::ptrdiff_t>(placement.left) * image::kChannels);
  }
  return canvas;
}

Image to_grayscale(const ImageView& source) {
  Image gray(source.size);
  // OpenCV has no read-only matrix; the conversion only reads its source.
  const cv::Mat from(source.size.height, source.size.width, CV_8UC3, const_cast<std::uint8_t*>(source.data),
                     static_cast<std::size_t>(source.stride));
  cv::Mat single;
  cv::cvtColor(from, single, cv::COLOR_BGR2GRAY);
  cv::Mat to(source.size.height, source.size.width, CV_8UC3, gray.data());
  cv::cvtColor(single, to, cv::COLOR_GRAY2BGR);
  return gray;
}

/// An edge of the static crop in pixels: truncated, and inside the image as a slice would be.
int crop_edge(int percent, int side) {
  return static_cast<int>(std::clamp(percent / 100.0 * side, 0.0, static_cast<double>(side)));
}

Result<ImageView> static_crop(const ImageView& source, const StaticCrop& crop, Geometry& geometry) {
  const int left = crop_edge(crop.x_min, source.size.width);
  const int right = crop_edge(crop.x_max, source.size.width);
  const int top = crop_edge(crop.y_min, source.size.height);
  const int bottom = crop_edge(crop.y_max, source.size.height);
  if (right <= left || bottom <= top) {
    return Error{Code::invalid_argument, "The model's static crop (x " + std::to_string(crop.x_min) + "-" +
                                             std::to_string(crop.x_max) + "%, y " + std::to_string(crop.y_min) + "-" +
                                             std::to_string(crop.y_max) + "%) leaves no pixel of this " +
                                             text(source.size) +
                                             " image; send a larger image or disable_preproc_static_crop."};
  }
  geometry.crop_x = left;
  geometry.crop_y = top;
  geometry.crop = {right - left, bottom - top};
  return part(source, left, top, geometry.crop);
}

void note(const Placement& placement, Geometry& geometry) {
  geometry.network = placement.canvas;
  geometry.pad_left = placement.pad_left;
  geometry.pad_top = placement.pad_top;
  geometry.pad_right = placement.pad_right;
  geometry.pad_bottom = placement.pad_bottom;
  geometry.scale_w = placement.scale_w;
  geometry.scale_h = placement.scale_h;
}

/// Resizes `source` as the plan says and writes it into the tensor. `source` may be a reduced form of a picture of the
/// size `full`; the placement is the picture's.
void fit(const ImageView& source, Size full, const PreprocessPlan& plan, Geometry& geometry, std::span<float> tensor) {
  const bool pillow = uses_pillow(plan);
  const bool two_steps = plan.intermediate && plan.resize_mode != ResizeMode::stretch;
  const ResizeMode mode = pillow && !two_steps ? ResizeMode::stretch : plan.resize_mode;
  const Placement placement = place(full, two_steps ? *plan.intermediate : plan.network, mode, plan.letterbox_anchor);
  note(placement, geometry);

  // A center-crop pads with black whatever the padding value.
  const auto fill =
      static_cast<std::uint8_t>(mode == ResizeMode::letterbox ? std::clamp(plan.padding_value, 0, 255) : 0);
  const ImageView kept =
      source.size == full ? part(source, placement.source_x, placement.source_y, placement.source) : source;
  Image resized;
  ImageView content = kept;
  if (placement.content != kept.size) {  // both resizers copy an image that already has the size
    resized = pillow && !two_steps ? resize_pillow(kept, placement.content) : resize_opencv(kept, placement.content);
    content = resized.view();
  }
  if (!two_steps) {
    write_tensor(content, placement, fill, plan, tensor);
    return;
  }
  const Image network = resize_pillow(compose(content, placement, fill).view(), plan.network);
  write_tensor(network.view(), place(plan.network, plan.network, ResizeMode::stretch), 0, plan, tensor);
}

bool has_pixels(Size size) {
  return size.width > 0 && size.height > 0;
}

Result<Geometry> run(const ImageView& source, Size full, const PreprocessPlan& plan, const PreprocessSwitches& switches,
                     std::span<float> tensor) {
  Geometry geometry;
  geometry.image = geometry.crop = full;
  ImageView view = source;
  if (plan.static_crop && !switches.disable_static_crop) {
    const Result<ImageView> cropped = static_crop(source, *plan.static_crop, geometry);
    if (!cropped) return cropped.error();
    view = *cropped;
    full = view.size;
  }
  Image gray;
  if (plan.grayscale && !switches.disable_grayscale) {
    gray = to_grayscale(view);
    view = gray.view();
  }
  Image contrasted;
  if (plan.contrast != Contrast::none && !switches.disable_contrast) {
    contrasted = adjust_contrast(view, plan.contrast);
    view = contrasted.view();
  }
  fit(view, full, plan, geometry, tensor);
  return geometry;
}

}  // namespace

void use_single_threaded_opencv() {
  cv::setNumThreads(1);
}

std::optional<image::Reduction> reduction_for(const PreprocessPlan& plan, const PreprocessSwitches& switches) {
  const bool crops = (plan.static_crop && !switches.disable_static_crop) || plan.resize_mode == ResizeMode::center_crop;
  const bool adjusts = plan.contrast != Contrast::none && !switches.disable_contrast;
  if (crops || adjusts) return std::nullopt;
  if (plan.resize_mode == ResizeMode::stretch) return image::Reduction{plan.network, false};
  if (uses_pillow(plan) && !plan.intermediate) return image::Reduction{plan.network, false};  // it always stretches
  return image::Reduction{plan.intermediate.value_or(plan.network), true};
}

Result<Geometry> preprocess(const ImageView& source, const PreprocessPlan& plan, const PreprocessSwitches& switches,
                            std::span<float> tensor) {
  return preprocess_reduced(source, source.size, plan, switches, tensor);
}

Result<Geometry> preprocess_reduced(const ImageView& source, Size full, const PreprocessPlan& plan,
                                    const PreprocessSwitches& switches, std::span<float> tensor) {
  if (!has_pixels(source.size)) {
    return Error{Code::invalid_argument, "The image has no pixels (" + text(source.size) + ")."};
  }
  if (!has_pixels(plan.network) || (plan.intermediate && !has_pixels(*plan.intermediate))) {
    return Error{Code::internal, "The model's preprocessing has an empty size (network input " + text(plan.network) +
                                     (plan.intermediate ? ", intermediate " + text(*plan.intermediate) : "") + ")."};
  }
  if (tensor.size() != Image::byte_count(plan.network)) {
    return Error{Code::internal, "The input tensor holds " + std::to_string(tensor.size()) +
                                     " values, a network input of " + text(plan.network) + " needs " +
                                     std::to_string(Image::byte_count(plan.network)) + "."};
  }
  try {
    return run(source, full, plan, switches, tensor);
  } catch (const std::exception& fault) {  // OpenCV, or no memory
    return Error{Code::internal, std::string("Preprocessing the image failed: ") + fault.what()};
  }
}

}  // namespace osprey::vision
