#include "vision/families/output_shapes.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace osprey::vision {
namespace {

std::string shapes_text(std::span<const Shape> shapes) {
  std::string text;
  for (const Shape& shape : shapes) text += (text.empty() ? "" : ", ") + to_string(shape);
  return text;
}

}  // namespace

bool fits(std::span<const std::int64_t> found, std::span<const std::int64_t> expected) {
  return std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                    [](std::int64_t a, std::int64_t b) { return a == b || a < 0 || b < 0; });
}

Error unexpected_outputs(std::string_view architecture, std::string_view expected, std::span<const TensorSpec> found) {
  std::string outputs;
  for (const TensorSpec& spec : found) {
    outputs += (outputs.empty() ? "\"" : ", \"") + spec.name + "\" " + to_string(spec.shape);
  }
  if (outputs.empty()) outputs = "none";
  return {Code::data_corrupted, "outputs do not fit the architecture " + std::string(architecture) + ": expected " +
                                    std::string(expected) + "; found " + outputs};
}

Status check_shapes(std::string_view architecture, std::span<const TensorSpec> found, std::span<const Shape> expected,
                    std::string_view meaning) {
  const bool fit = std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                              [](const TensorSpec& spec, const Shape& shape) { return fits(spec.shape, shape); });
  if (fit) return {};
  return unexpected_outputs(architecture, shapes_text(expected) + " (" + std::string(meaning) + ")", found);
}

Result<TensorView> output_of_image(std::span<const TensorView> outputs, std::size_t position, std::size_t index,
                                   std::span<const std::int64_t> expected) {
  if (position >= outputs.size()) {
    return Error{Code::internal, "the network gave " + std::to_string(outputs.size()) + " outputs; output " +
                                     std::to_string(position) + " is needed"};
  }
  const TensorView& output = outputs[position];
  const auto shape = output.shape;
  const bool known = std::all_of(shape.begin(), shape.end(), [](std::int64_t dim) { return dim >= 0; });
  if (!known || shape.empty() || !fits(shape, expected) || output.data.size() != element_count(shape)) {
    return Error{Code::internal, "output " + std::to_string(position) + " of the network has shape " +
                                     to_string(Shape(shape.begin(), shape.end())) + " and " +
                                     std::to_string(output.data.size()) + " values; expected shape " +
                                     to_string(Shape(expected.begin(), expected.end()))};
  }
  if (index >= static_cast<std::size_t>(shape[0])) {
    return Error{Code::internal,
                 "image " + std::to_string(index) + " is not in a batch of " + std::to_string(shape[0])};
  }
  const auto image_shape = shape.subspan(1);
  const std::size_t size = element_count(image_shape);
  return TensorView{image_shape, output.data.subspan(index * size, size)};
}

Result<YoloLayout> yolo_layout(std::span<const std::int64_t> shape, int class_count, int extra, image::Size network) {
  const Shape rows{-1, -1, 6 + extra};
  const Shape columns{-1, 4 + class_count + extra, -1};
  const bool fits_rows = fits(shape, rows);
  const bool fits_columns = fits(shape, columns);
  if (fits_rows && !fits_columns) return YoloLayout::end_to_end;
  if (fits_columns && !fits_rows) return YoloLayout::yolov8;
  const bool both = fits_rows && fits_columns;
  if (both && (shape[1] < 0 || shape[2] < 0)) return YoloLayout::undecided;
  if (both && shape[2] != grid_cells(network)) return YoloLayout::end_to_end;
  return Error{Code::data_corrupted,
               "shape " + to_string(Shape(shape.begin(), shape.end())) + (both ? " fits both " : " is neither ") +
                   to_string(rows) + " (a row per detection: box, score, class" +
                   (extra > 0 ? ", " + std::to_string(extra) + " more)" : ")") + (both ? " and " : " nor ") +
                   to_string(columns) + " (a column per candidate: box, " + std::to_string(class_count) + " classes" +
                   (extra > 0 ? ", " + std::to_string(extra) + " more)" : ")")};
}

std::int64_t grid_cells(image::Size network) {
  std::int64_t cells = 0;
  for (const std::int64_t stride : {8, 16, 32}) cells += (network.width / stride) * (network.height / stride);
  return cells;
}

}  // namespace osprey::vision
