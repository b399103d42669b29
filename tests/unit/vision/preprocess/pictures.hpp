// Pictures for the preprocessing tests: made here or read from fixtures, and run through preprocess().
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "image/image.hpp"
#include "vision/preprocess.hpp"

namespace osprey::vision {

/// A picture whose pixel (x, y) is `color(x, y)`, an std::array of blue, green and red.
template <typename Color>
image::Image paint(Size size, Color color) {
  image::Image picture(size);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const std::array<std::uint8_t, 3> pixel = color(x, y);
      std::copy(pixel.begin(), pixel.end(), picture.row(y) + x * image::kChannels);
    }
  }
  return picture;
}

inline image::Image plain(Size size, std::array<std::uint8_t, 3> bgr) {
  return paint(size, [&](int, int) { return bgr; });
}

/// The picture of fixtures/NAME.ppm, its bytes as they are.
inline image::Image fixture(const std::string& name) {
  std::ifstream file(std::string(OSPREY_PREPROCESS_FIXTURES) + "/" + name + ".ppm", std::ios::binary);
  std::string magic;
  Size size;
  int most = 0;
  file >> magic >> size.width >> size.height >> most;
  file.get();
  image::Image picture(size);
  file.read(reinterpret_cast<char*>(picture.data()), static_cast<std::streamsize>(image::Image::byte_count(size)));
  EXPECT_TRUE(file && magic == "P6") << "cannot read the fixture " << name;
  return picture;
}

/// What preprocess() made of a picture.
struct Prepared {
  Geometry geometry;
  Size network;
  std::vector<float> tensor;

  [[nodiscard]] float at(int channel, int x, int y) const {
    return tensor[static_cast<std::size_t>((channel * network.height + y) * network.width + x)];
  }
};

inline Prepared prepare(const image::Image& picture, const PreprocessPlan& plan,
                        const PreprocessSwitches& switches = {}) {
  Prepared prepared{{}, plan.network, std::vector<float>(image::Image::byte_count(plan.network), -999.0F)};
  const Result<Geometry> geometry = preprocess(picture.view(), plan, switches, prepared.tensor);
  EXPECT_TRUE(geometry) << geometry.error().message;
  if (geometry) prepared.geometry = *geometry;
  return prepared;
}

/// A plan that leaves pixels as they are: BGR, not scaled.
inline PreprocessPlan pixel_plan(Size network) {
  PreprocessPlan plan;
  plan.network = network;
  plan.color_mode = ColorMode::bgr;
  plan.scaling_factor.reset();
  return plan;
}

/// How many values of a tensor made with pixel_plan() differ from the picture's.
inline int count_differences(const Prepared& prepared, const image::Image& expected) {
  EXPECT_EQ(prepared.network, expected.size());
  int differences = 0;
  for (int y = 0; y < expected.size().height; ++y) {
    for (int x = 0; x < expected.size().width; ++x) {
      for (int channel = 0; channel < image::kChannels; ++channel) {
        const auto value = static_cast<float>(expected.view().row(y)[x * image::kChannels + channel]);
        differences += prepared.at(channel, x, y) != value;
      }
    }
  }
  return differences;
}

}  // namespace osprey::vision
