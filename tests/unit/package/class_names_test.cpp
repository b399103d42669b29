#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using ClassNamesFile = NewerLayout;

TEST_F(ClassNamesFile, IsTrimmedAndLosesBlankLinesAndTheByteOrderMark) {
  folder.write("class_names.txt", "\xEF\xBB\xBF cat \r\n\r\n\t\n  hot dog\nm\xC3\xBCll");
  ASSERT_READ(package, read());
  EXPECT_THAT(package.family.class_names, ElementsAre("cat", "hot dog", "m\xC3\xBCll"));
}

TEST_F(ClassNamesFile, IsRefusedWhenEmptyMissingTooLongOrNoText) {
  const auto expect = [&](const char* text) {
    const auto result = read();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::data_corrupted);
    EXPECT_THAT(result.error().message, ::testing::AllOf(HasSubstr("class_names.txt"), HasSubstr(text)));
  };
  folder.write("class_names.txt", " \n\n");
  expect("holds no class name");
  folder.write("class_names.txt", "cat\xFF\n");
  expect("not UTF-8");
  std::string many;
  for (int i = 0; i < 100'001; ++i) many += "c\n";
  folder.write("class_names.txt", many);
  expect("more than 100000");
  folder.remove("class_names.txt");
  expect("names no classes");
}

}  // namespace
}  // namespace osprey::package
