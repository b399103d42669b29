// What an architecture's name means for reading its package: how it wants its input, and what its files must say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vision/preprocess.hpp"
#include "vision/task.hpp"

namespace osprey::package {

/// Architectures that prepare their input alike.
enum class InputStyle { yolo, yolox, rfdetr, resnet, vit, deeplab };

/// By the beginning of the architecture's name; yolo when it is none of the others. Whether the name is known at all
/// is vision::make_family's to say.
[[nodiscard]] InputStyle input_style(std::string_view architecture);

/// Whether it is decoded as YOLOv8 is (v8, v9, v11, v12) or is YOLO-NAS; those need post_processing.type "nms".
[[nodiscard]] bool needs_nms_post_processing(std::string_view architecture);

/// Whether its network ends in final boxes without NMS (YOLOv10, YOLO26).
[[nodiscard]] bool is_nms_free(std::string_view architecture);

/// Names of all tasks, for messages.
[[nodiscard]] std::string task_names();

/// What a package can name as its architecture, for messages: of the task, or of each task when it is not known.
[[nodiscard]] std::string architecture_choices(std::optional<vision::Task> task);

/// The resize modes of inference_config.json, in the order of kResizeModes.
enum class PackageResizeMode { stretch, letterbox, center_crop, fit_longer_edge, letterbox_reflect_edges };

inline constexpr std::string_view kResizeModes[] = {"stretch", "letterbox", "center-crop", "fit-longer-edge",
                                                    "letterbox-reflect-edges"};

/// Sets the plan's resize as the reference does at load (inference-math 3.1 and 3.2, model-registry 5.2 of the
/// reference): fit-longer-edge becomes a letterbox (padding 127; DeepLab 0) or, for RF-DETR, ResNet and ViT, a stretch;
/// letterbox-reflect-edges becomes a letterbox of `padding`. RF-DETR stretches with Pillow's resampling, after the
/// mode's own resize to `dataset_size` when that is present and the mode is not a stretch.
void set_resize(vision::PreprocessPlan& plan, InputStyle style, PackageResizeMode mode, int padding,
                std::optional<vision::Size> dataset_size);

/// ImageNet's mean and standard deviation, RGB.
[[nodiscard]] vision::Normalization imagenet_normalization();
/// 0.5 and 0.5: to -1..1.
[[nodiscard]] vision::Normalization symmetric_normalization();

/// The input that the architecture's own trainer prepares, for packages that do not say:
/// yolo: letterbox 114, RGB, /255 (classification: stretch; its trainer crops to the centre after resizing the shorter
/// side, which PreprocessPlan cannot say); yolox: letterbox 114 with the image at the top left, BGR, unscaled; rfdetr:
/// Pillow stretch, RGB, /255, ImageNet; resnet, deeplab: stretch, RGB, /255, ImageNet; vit: the same with 0.5 and 0.5.
[[nodiscard]] vision::PreprocessPlan default_plan(InputStyle style, vision::Task task);

}  // namespace osprey::package
