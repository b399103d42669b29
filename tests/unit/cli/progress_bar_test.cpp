#include "cli/progress_bar.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;

class ProgressBarTest : public testing::Test {
 protected:
  std::ostringstream output;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
};

TEST_F(ProgressBarTest, ATerminalSeesPercentSpeedAndTimeLeft) {
  ProgressBar bar(output, true, "my/1", clock);
  bar.show("weights.onnx", 0, 40'000'000);
  clock->advance(seconds(2));
  bar.show("weights.onnx", 10'000'000, 40'000'000);
  EXPECT_THAT(output.str(), EndsWith("\rmy/1   25 %  10.0 of 40.0 MB  5.0 MB/s  6 s left"));
}

TEST_F(ProgressBarTest, FilesAreCountedTogether) {
  ProgressBar bar(output, true, "my/1", clock);
  bar.show("a", 1'000'000, 2'000'000);
  bar.show("b", 2'000'000, 4'000'000);
  EXPECT_THAT(output.str(), HasSubstr("50 %  3.0 of 6.0 MB"));
}

TEST_F(ProgressBarTest, WhatWasThereBeforeDoesNotCountAsSpeed) {
  ProgressBar bar(output, true, "my/1", clock);
  bar.show("weights.onnx", 30'000'000, 40'000'000);
  clock->advance(seconds(1));
  bar.show("weights.onnx", 31'000'000, 40'000'000);
  EXPECT_THAT(output.str(), HasSubstr("1.0 MB/s"));
}

TEST_F(ProgressBarTest, IsDrawnTenTimesASecondAtMost) {
  ProgressBar bar(output, true, "my/1", clock);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    bar.show("weights.onnx", i, 1000);
    clock->advance(milliseconds(1));
  }
  const auto text = output.str();
  EXPECT_LE(std::count(text.begin(), text.end(), '\r'), 11);
}

TEST_F(ProgressBarTest, AShorterLineCoversALongerOne) {
  ProgressBar bar(output, true, "my/1", clock);
  bar.show("weights.onnx", 0, 100'000'000);
  clock->advance(seconds(1));
  bar.show("weights.onnx", 50'000'000, 100'000'000);
  const auto longer = output.str().substr(output.str().rfind('\r')).size();
  clock->advance(seconds(1));
  bar.show("weights.onnx", 100'000'000, 100'000'000);
  EXPECT_EQ(output.str().substr(output.str().rfind('\r')).size(), longer);
}

TEST_F(ProgressBarTest, AnUnknownSizeHasNoPercent) {
  ProgressBar bar(output, true, "my/1", clock);
  bar.show("weights.onnx", 5'000'000, 0);
  EXPECT_EQ(output.str(), "\rmy/1  5.0 MB");
}

TEST_F(ProgressBarTest, ElsewhereALineIsWrittenForEachFileThatHasCome) {
  ProgressBar bar(output, false, "my/1", clock);
  bar.show("a", 0, 2'000'000);
  bar.show("a", 2'000'000, 2'000'000);
  bar.show("a", 2'000'000, 2'000'000);
  bar.show("b", 500, 500);
  EXPECT_EQ(output.str(), "my/1: a, 2.0 MB\nmy/1: b, 500 B\n");
}

TEST_F(ProgressBarTest, NothingIsWrittenWhereNothingIsDownloaded) {
  {
    const ProgressBar bar(output, true, "my/1", clock);
  }
  EXPECT_EQ(output.str(), "");
}

}  // namespace
}  // namespace osprey::cli
