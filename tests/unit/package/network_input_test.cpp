#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using vision::Size;

using NetworkInputShape = NewerLayout;

TEST_F(NetworkInputShape, MustBeBatchThreeChannelsHeightWidth) {
  struct Row {
    Shape shape;
    const char* expected;
  };
  for (const Row& row : {Row{{3, 192, 320}, "[3,192,320]"}, Row{{1, 1, 192, 320}, "[1,1,192,320]"},
                         Row{{1, 192, 320, 3}, "channels first"}, Row{{1, 3, 0, 320}, "[1,3,0,320]"},
                         Row{{1, 3, 192, 9000}, "from 1 to 8192"}, Row{{5000, 3, 192, 320}, "from 1 to 4096"}}) {
    graph = graph_of(row.shape);
    const auto result = read();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::unsupported);
    EXPECT_THAT(result.error().message, AllOf(HasSubstr("images"), HasSubstr(row.expected)));
  }
}

TEST_F(NetworkInputShape, MustBeTheOnlyInput) {
  graph.inputs.push_back({"sizes", {-1, 2}});
  EXPECT_THAT(message_of(read()), AllOf(HasSubstr("2 inputs"), HasSubstr("sizes [?,2]")));
  graph.inputs.clear();
  EXPECT_THAT(message_of(read()), HasSubstr("0 inputs"));
}

TEST_F(NetworkInputShape, DecidesTheBatch) {
  graph = graph_of({1, 3, 192, 320});
  ASSERT_READ(one, read());
  EXPECT_EQ(one.max_batch_size, 1);
  graph = graph_of({16, 3, 192, 320});
  ASSERT_READ(sixteen, read());
  EXPECT_EQ(sixteen.max_batch_size, 16);
  graph = graph_of({-1, 3, 192, 320});
  configure(R"({"forward_pass": null})");
  ASSERT_READ(open, read());
  EXPECT_EQ(open.max_batch_size, 8);
  configure(R"({"forward_pass": {"static_batch_size": 2, "max_dynamic_batch_size": null}})");
  ASSERT_READ(two, read());
  EXPECT_EQ(two.max_batch_size, 2);
}

TEST_F(NetworkInputShape, MustHaveThePackagesSize) {
  graph = graph_of({-1, 3, 640, 640});
  const auto result = read();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::data_corrupted);
  EXPECT_THAT(result.error().message, AllOf(HasSubstr("192x320"), HasSubstr("640x640")));
}

TEST_F(NetworkInputShape, WinsOverThePackagesSizeForRfdetr) {
  name("object-detection", "rfdetr");
  graph = graph_of({-1, 3, 384, 416});
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.network, (Size{416, 384}));
  EXPECT_EQ(package.family.network, (Size{416, 384}));
}

TEST_F(NetworkInputShape, OfRfdetrIsBounded) {
  name("object-detection", "rfdetr-large");
  graph = graph_of({1, 3, 640, 1600});
  EXPECT_TRUE(read());
  graph = graph_of({1, 3, 640, 1632});
  const auto result = read();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unsupported);
  EXPECT_THAT(result.error().message, AllOf(HasSubstr("640x1632"), HasSubstr("1600")));
}

TEST_F(NetworkInputShape, GoesWithTheElementType) {
  struct Row {
    const char* type;
    const char* expected;
  };
  for (const Row& row : {Row{"f32", "fp32"}, Row{"f16", "fp16"}, Row{"i8", "int8"}}) {
    graph.element_type = row.type;
    ASSERT_READ(package, read());
    EXPECT_EQ(package.quantization, row.expected);
  }
}

}  // namespace
}  // namespace osprey::package
