// From an image's pixels to the network's input tensor.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/result.hpp"
#include "image/decode.hpp"
#include "image/image.hpp"
#include "vision/geometry.hpp"

namespace osprey::vision {

/// How the image gets to the network's size. Modes that the reference substitutes at load ("fit-longer-edge",
/// "letterbox-reflect-edges") are substituted by the package room before they come here.
enum class ResizeMode { stretch, letterbox, center_crop };

/// Where a letterbox puts the image; the padding is on the other sides.
enum class LetterboxAnchor { center, top_left };

enum class Contrast { none, stretching, histogram_equalization, adaptive_equalization };

enum class ColorMode { rgb, bgr };

/// Percentages of the image that are kept.
struct StaticCrop {
  int x_min = 0;
  int x_max = 100;
  int y_min = 0;
  int y_max = 100;
};

/// (x - mean) / std per channel, in the order of the model's colour mode, applied after the scaling factor.
struct Normalization {
  std::array<float, 3> mean{};
  std::array<float, 3> std{1, 1, 1};
};

/// Pillow's antialiased bilinear, used by RF-DETR in place of OpenCV's plain one (inference-math 3.2).
enum class Resampling { opencv_bilinear, pillow_bilinear };

/// A package's preprocessing, in the order in which it is applied.
struct PreprocessPlan {
  std::optional<StaticCrop> static_crop;
  bool grayscale = false;
  Contrast contrast = Contrast::none;

  Size network;  ///< the network's input, pixels
  ResizeMode resize_mode = ResizeMode::stretch;
  int padding_value = 0;  ///< 0..255, for letterbox
  LetterboxAnchor letterbox_anchor = LetterboxAnchor::center;
  Resampling resampling = Resampling::opencv_bilinear;
  /// RF-DETR's two-step resize: `resize_mode` brings the image to this size, then Pillow's filter stretches it to
  /// `network`. With `stretch` there is only the second step. Implies pillow_bilinear.
  std::optional<Size> intermediate;

  ColorMode color_mode = ColorMode::rgb;
  std::optional<float> scaling_factor = 255.0F;
  std::optional<Normalization> normalization;
};

/// A request's disable_preproc_* fields. (disable_preproc_auto_orient belongs to decoding.)
struct PreprocessSwitches {
  bool disable_static_crop = false;
  bool disable_grayscale = false;
  bool disable_contrast = false;
};

/// Writes `source` into `tensor` (3 x network.height x network.width float32, CHW, channels in the plan's colour mode,
/// scaled and normalised) and returns the way back.
/// Errors: invalid_argument when the static crop leaves no pixel of this image, internal when `tensor` has another
/// size. Thread-safe.
[[nodiscard]] Result<Geometry> preprocess(const image::ImageView& source, const PreprocessPlan& plan,
                                          const PreprocessSwitches& switches, std::span<float> tensor);

/// What a decoder may aim at that leaves pixels out (image::decode_reduced): where the picture will be resized as a
/// whole. None for plans that look at single pixels first (static crop, center-crop, contrast), unless the request
/// switches that off.
[[nodiscard]] std::optional<image::Reduction> reduction_for(const PreprocessPlan& plan,
                                                            const PreprocessSwitches& switches);

/// As preprocess(), for a picture that was decoded with reduction_for(): the geometry leads back to all of the
/// picture's pixels.
[[nodiscard]] Result<Geometry> preprocess_reduced(const image::ImageView& source, Size full, const PreprocessPlan& plan,
                                                  const PreprocessSwitches& switches, std::span<float> tensor);

/// Stops OpenCV from running its own threads, which would come on top of those that are budgeted. A setting of the
/// whole process: for main, before the first image.
void use_single_threaded_opencv();

}  // namespace osprey::vision
