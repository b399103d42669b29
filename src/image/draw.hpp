// Marks on an image that show predictions to a person. All coordinates are image pixels; what lies outside the image is
// cut off. Nothing here is thread-safe for one image; several images may be drawn on at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "image/image.hpp"

namespace osprey::image {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  friend bool operator==(const Color&, const Color&) = default;
};

/// Reads "#RRGGBB", hex digits of either case. Errors: invalid_argument naming the form.
[[nodiscard]] Result<Color> parse_color(std::string_view text);

/// A colour for a class that has none of its own. Neighbouring indices differ strongly in hue, all are bright enough to
/// be seen on a photo. The same index has the same colour always.
[[nodiscard]] Color class_color(std::size_t class_index);

/// Black or white, whichever reads better on `background` (by its luma, ITU-R BT.601).
[[nodiscard]] Color text_color_on(Color background);

/// A width of lines, in pixels, that looks the same on images of all sizes: 1 on tiny ones, 2 at 640 pixels.
[[nodiscard]] int stroke_width_for(Size image);

struct Point {
  int x = 0;
  int y = 0;
};

/// A rectangle's outline around its corners' pixels, `stroke` pixels wide (at least 1).
/// Errors of all drawing functions: internal, with OpenCV's message; the image may then be partly drawn on.
[[nodiscard]] Status draw_rectangle(Image& image, Point top_left, Point bottom_right, Color color, int stroke);

/// A closed outline through `points`, `stroke` pixels wide. Fewer than two points draw nothing.
[[nodiscard]] Status draw_polygon(Image& image, std::span<const Point> points, Color color, int stroke);

/// Tints what a binary mask covers and outlines it. `mask` holds `size` row by row, without padding, non-zero =
/// covered; its first pixel lies at `top_left`. `alpha` is the part of the colour, 0 to 1; `stroke` 0 leaves out the
/// outline. Errors: also invalid_argument if `mask` has not width x height pixels.
[[nodiscard]] Status draw_mask(Image& image, std::span<const std::uint8_t> mask, Size size, Point top_left, Color color,
                               double alpha = 0.5, int stroke = 1);

/// A disc.
[[nodiscard]] Status draw_disc(Image& image, Point center, int radius, Color color);

/// Text on a box of `color`, standing on `corner` (the top left corner of what is labelled) or, without room above it,
/// hanging from it; moved as far as is needed to stay inside the image. The text's size goes with the image's; text
/// that is wider than the image is cut. Characters beyond ASCII are shown as '?'.
[[nodiscard]] Status draw_label(Image& image, std::string_view text, Point corner, Color color);

}  // namespace osprey::image
