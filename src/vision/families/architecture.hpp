// Names of architectures: from a package's name ("yolov8n-seg", "rfdetr-nano") to the family's ("yolov8", "rfdetr").
#pragma once

#include <string_view>

#include "vision/task.hpp"

namespace osprey::vision {

/// The base name of an architecture for a task: size and task suffix taken off, spellings unified ("yolo11n" is
/// "yolov11"). A base name is its own base. Empty when no family of the task has that name.
[[nodiscard]] std::string_view base_architecture(Task task, std::string_view name);

/// Whether `name` is one of the names that `pattern` stands for: braces hold alternatives, not nested
/// ("yolo{v,}11{,n,s}" stands for yolov11, yolov11n, yolov11s, yolo11, ...).
[[nodiscard]] bool matches_name(std::string_view pattern, std::string_view name);

}  // namespace osprey::vision
