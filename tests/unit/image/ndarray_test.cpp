#include "image/ndarray.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fixtures.hpp"

namespace osprey::image {
namespace {

using testing::Bytes;
using ::testing::HasSubstr;
using testing::pickles;
using ::testing::StartsWith;

constexpr std::string_view kRefusal = "Could not deserialize pickle payload. ";

Result<Image> read(const Bytes& pickle) {
  return image_from_pickled_ndarray(pickle, {});
}

std::vector<int> values_of(const Image& image) {
  return {image.data(), image.data() + Image::byte_count(image.size())};
}

TEST(Ndarray, ReadsEveryProtocolTypeAndOrderOfNumpy1And2) {
  int read_count = 0;
  for (const auto& [name, pickle] : pickles()) {
    if (!name.starts_with("numpy") || name.find("every_byte") != std::string::npos) continue;
    SCOPED_TRACE(name);
    const Result<Image> image = read(pickle);
    ASSERT_TRUE(image) << image.error().message;
    ASSERT_EQ(image->size(), (Size{5, 3}));
    const bool grey = name.find("_grey_") != std::string::npos;
    const bool small = name.find("_i1_") != std::string::npos;
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < 5; ++x) {
        for (int c = 0; c < kChannels; ++c) {
          const int value = (31 * y + 7 * x + (grey ? 0 : 3 * c)) % 251;  // as make_pickles.py has it
          ASSERT_EQ(image->view().row(y)[x * kChannels + c], small ? value % 128 : value) << y << " " << x << " " << c;
        }
      }
    }
    ++read_count;
  }
  EXPECT_EQ(read_count, 138) << "some pickles are missing";
}

// Protocols 0 to 2 hold bytes as text: backslash, line end and all beyond ASCII are written in their own way.
TEST(Ndarray, ReadsEveryByteOutOfText) {
  for (const char* name :
       {"numpy1_every_byte_p0", "numpy1_every_byte_p2", "numpy2_every_byte_p0", "numpy2_every_byte_p2"}) {
    SCOPED_TRACE(name);
    const Result<Image> image = read(pickles().at(name));
    ASSERT_TRUE(image) << image.error().message;
    ASSERT_EQ(image->size(), (Size{16, 16}));
    for (std::size_t i = 0; i < 768; ++i) ASSERT_EQ(image->data()[i], i % 256);
  }
}

TEST(Ndarray, CutsOtherTypesToBytes) {
  const auto all = pickles();
  EXPECT_EQ(values_of(*read(all.at("clamp_f4"))), (std::vector{0, 0, 254, 255, 255, 0}));
  EXPECT_EQ(values_of(*read(all.at("clamp_f2"))), (std::vector{0, 0, 254, 255, 255, 0}));
  EXPECT_EQ(values_of(*read(all.at("clamp_i4"))), (std::vector{0, 0, 255, 255, 255, 0}));
  EXPECT_EQ(values_of(*read(all.at("clamp_bool"))), (std::vector{1, 0, 1, 0, 1, 1}));
}

TEST(Ndarray, RefusesWhatIsNotAnImageArraySayingWhatItMet) {
  const std::map<std::string, std::string> said{
      {"hostile_system_p0", "'posix' 'system'"},
      {"hostile_system_p4", "'posix' 'system'"},
      {"hostile_eval_p2", "'__builtin__' 'eval'"},
      {"hostile_eval_p5", "'builtins' 'eval'"},
      {"hostile_nested", "'posix' 'system'"},
      {"hostile_object_dtype", "'O8'"},
      {"hostile_text_dtype", "'U1'"},
      {"hostile_four_channels", "2 x 3 x 4"},
      {"hostile_one_dimension", "H x W"},
      {"hostile_two_channels", "H x W x 3"},
      {"hostile_huge_shape", "does not fit 6 bytes"},
      {"hostile_negative_shape", "shape (-1, -2, 3)"},
      {"hostile_overflowing_shape", "does not fit"},
      {"hostile_too_few_bytes", "does not fit"},
      {"hostile_too_many_bytes", "does not fit"},
      {"hostile_no_elements", "at least 1"},
      {"hostile_same_text_again", "several times"},
      {"hostile_tuples_of_tuples", "more opcodes"},
      {"hostile_integer", "something else than a numpy array"},
      {"hostile_not_built", "without content"},
      {"hostile_bad_axes", "axes"},
      {"hostile_axes_out_of_range", "axes"},
      {"hostile_out_of_band", "out-of-band"},
      {"hostile_protocol_9", "protocol 9: must be 0 to 5"},
      {"hostile_huge_length", "cut off"},
  };
  int refused = 0;
  const auto all = pickles();
  for (const auto& [name, pickle] : all) {
    if (!name.starts_with("hostile_")) continue;
    SCOPED_TRACE(name);
    const Result<Image> image = read(pickle);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, Code::invalid_argument);
    EXPECT_THAT(image.error().message, StartsWith(std::string(kRefusal)));
    EXPECT_LT(image.error().message.size(), 400U);
    if (const auto found = said.find(name); found != said.end()) {
      EXPECT_THAT(image.error().message, HasSubstr(found->second));
    }
    ++refused;
  }
  EXPECT_GE(refused, 45) << "some pickles are missing";
  for (const auto& [name, words] : said) EXPECT_TRUE(all.contains(name)) << name;
}

TEST(Ndarray, ShowsOnlyPrintableTextOfTheClientsAndNotMuchOfIt) {
  std::string pickle = "c\x01\x1b[31m\nx" + std::string(5000, 'y') + "\n.";
  const Result<Image> image = image_from_pickled_ndarray(testing::bytes_of(pickle), {});
  ASSERT_FALSE(image);
  EXPECT_LT(image.error().message.size(), 300U);
  for (const char c : image.error().message) EXPECT_TRUE(c >= ' ' && c <= '~');
}

TEST(Ndarray, RefusesAPickleCutAtAnyByte) {
  for (const auto& [name, pickle] : pickles()) {
    if (!name.starts_with("numpy2_bgr_u1") && !name.starts_with("numpy1_bgr_fortran") && !name.starts_with("clamp"))
      continue;
    SCOPED_TRACE(name);
    for (std::size_t length = 0; length < pickle.size(); ++length) {
      const Bytes cut(pickle.begin(), pickle.begin() + static_cast<std::ptrdiff_t>(length));
      ASSERT_FALSE(read(cut)) << length;
    }
  }
}

TEST(Ndarray, SurvivesAChangeOfAnyByte) {
  for (const auto& [name, pickle] : pickles()) {
    if (name != "numpy2_bgr_u1_p0" && name != "numpy2_bgr_u1_p2" && name != "numpy2_bgr_u1_p5") continue;
    for (std::size_t at = 0; at < pickle.size(); ++at) {
      for (const int value : {0, 1, 9, 0x7F, 0x80, 0xFF, int{'.'}, int{'R'}, int{'b'}, int{'h'}, int{'('}, int{'t'}}) {
        Bytes changed = pickle;
        changed[at] = static_cast<std::byte>(value);
        const Result<Image> image = read(changed);
        if (image) {
          ASSERT_LE(Image::byte_count(image->size()), 45U * 3);
        }
      }
    }
  }
}

TEST(Ndarray, HoldsTheArrayToTheLimits) {
  const Bytes pickle = pickles().at("numpy2_bgr_u1_p4");  // 5 x 3
  DecodeLimits limits;
  limits.max_pixels = 15;
  EXPECT_TRUE(image_from_pickled_ndarray(pickle, limits));
  limits.max_pixels = 14;
  const Result<Image> image = image_from_pickled_ndarray(pickle, limits);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::payload_too_large);
  EXPECT_THAT(image.error().message, HasSubstr("limit of 14 pixels"));
  limits = {};
  limits.max_pickle_bytes = pickle.size() - 1;
  EXPECT_EQ(image_from_pickled_ndarray(pickle, limits).error().code, Code::payload_too_large);
}

}  // namespace
}  // namespace osprey::image
