#include "package/onnx_file.hpp"

#include <filesystem>

#include <sys/stat.h>

#include "onnx_bytes.hpp"
#include "package_folder.hpp"

namespace osprey::package {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OnnxFileTest : public testing::Test {
 protected:
  Result<OnnxFile> inspect(const std::string& bytes) const {
    folder.write("net.onnx", bytes);
    return inspect_onnx(folder.path() / "net.onnx", "net.onnx");
  }
  std::string refusal(const std::string& bytes) const {
    const auto result = inspect(bytes);
    return result ? "no error" : result.error().message;
  }

  PackageFolder folder;
};

TEST_F(OnnxFileTest, TakesAModelWithAGraph) {
  const auto onnx = inspect(onnx_bytes());
  ASSERT_TRUE(onnx) << onnx.error().message;
  EXPECT_EQ(onnx->bytes, onnx_bytes().size());
  EXPECT_THAT(onnx->external_files, IsEmpty());
}

TEST_F(OnnxFileTest, TakesWeightsOfManyWindows) {
  const std::string weights(100'000, 'w');
  const auto onnx = inspect(onnx_bytes(bytes_field(5, bytes_field(9, weights)) + bytes_field(2, "net")));
  EXPECT_TRUE(onnx) << onnx.error().message;
}

TEST_F(OnnxFileTest, NamesTheFilesThatHoldItsWeights) {
  const auto graph = bytes_field(5, external_tensor("a.data")) + bytes_field(5, external_tensor("b.data")) +
                     bytes_field(5, external_tensor("a.data"));
  const auto onnx = inspect(onnx_bytes(graph));
  ASSERT_TRUE(onnx);
  EXPECT_THAT(onnx->external_files, ElementsAre("a.data", "b.data"));
}

TEST_F(OnnxFileTest, FindsThemInNodesAndInTheirGraphsToo) {
  const auto attribute_of_tensor = bytes_field(5, bytes_field(5, external_tensor("constant.data")));
  const auto inner = bytes_field(5, external_tensor("inner.data"));
  const auto attribute_of_graph = bytes_field(5, bytes_field(6, inner));
  const auto onnx = inspect(onnx_bytes(bytes_field(1, attribute_of_tensor) + bytes_field(1, attribute_of_graph)));
  ASSERT_TRUE(onnx);
  EXPECT_THAT(onnx->external_files, ElementsAre("constant.data", "inner.data"));
}

TEST_F(OnnxFileTest, ATensorWithALocationIsExternalOnlyWhenItSaysSo) {
  const auto tensor = number_field(14, 0) + bytes_field(13, bytes_field(1, "location") + bytes_field(2, "a.data"));
  const auto onnx = inspect(onnx_bytes(bytes_field(5, tensor)));
  ASSERT_TRUE(onnx);
  EXPECT_THAT(onnx->external_files, IsEmpty());
}

TEST_F(OnnxFileTest, SaysWhereAFileIsCutShort) {
  const auto whole = onnx_bytes(bytes_field(5, std::string(5000, 'w')));
  for (const std::size_t size : {std::size_t{20}, std::size_t{1000}, whole.size() - 1}) {
    EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("net.onnx is cut short")) << size;
  }
}

TEST_F(OnnxFileTest, RefusesWhatIsNoOnnx) {
  EXPECT_EQ(refusal("this is no network"), "net.onnx is no ONNX file");
  EXPECT_EQ(refusal(""), "net.onnx is empty");
  EXPECT_EQ(refusal(std::string(1000, '\0')), "net.onnx is no ONNX file");
  EXPECT_EQ(refusal(std::string(1000, '\xFF')), "net.onnx is no ONNX file");
  EXPECT_EQ(refusal(number_field(1, 8)), "net.onnx is no ONNX file") << "a version, but no graph";
}

TEST_F(OnnxFileTest, TellsACheckpointFromAnExport) {
  EXPECT_THAT(refusal(std::string("PK\x03\x04", 4) + "archive/data.pkl"), HasSubstr("PyTorch checkpoint"));
}

TEST_F(OnnxFileTest, RefusesWhatIsNoFile) {
  const auto none = inspect_onnx(folder.path() / "none.onnx", "none.onnx");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "there is no file none.onnx");
  EXPECT_EQ(none.error().code, Code::not_found);

  const auto directory = inspect_onnx(folder.path(), "parts/1");
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().message, HasSubstr("parts/1 is a folder"));

  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto waited = inspect_onnx(pipe, "pipe");
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().message, "pipe is no regular file");
}

TEST_F(OnnxFileTest, RefusesAHugeFileBeforeReadingIt) {
  folder.write("net.onnx", onnx_bytes());
  std::filesystem::resize_file(folder.path() / "net.onnx", kMaxOnnxBytes + 1);  // sparse
  const auto huge = inspect_onnx(folder.path() / "net.onnx", "net.onnx");
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, Code::payload_too_large);
  EXPECT_THAT(huge.error().message, HasSubstr("at most 2048"));
}

TEST_F(OnnxFileTest, DeepNestingEnds) {
  std::string graph = bytes_field(5, external_tensor("deep.data"));
  for (int i = 0; i < 200; ++i) graph = bytes_field(1, bytes_field(5, bytes_field(6, graph)));
  EXPECT_TRUE(inspect(onnx_bytes(graph)));
}

}  // namespace
}  // namespace osprey::package
