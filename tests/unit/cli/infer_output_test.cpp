// What a person or a program sees of a run: tables, JSON, progress; and the settings file.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/image_progress.hpp"
#include "cli/infer_printer.hpp"
#include "cli/model_config.hpp"

namespace osprey::cli {
namespace {

using Json = nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

client::Prediction one_cat() {
  client::Prediction prediction;
  client::Detection& cat = prediction.detections.emplace_back();
  cat.class_name = "cat\x1b[2J";  // whatever a model's author has written
  cat.confidence = 0.876;
  cat.x = 10;
  cat.y = 20.25;
  cat.width = 30;
  cat.height = 40;
  prediction.json = R"({"predictions":[{"class":"cat"}]})";
  return prediction;
}

std::string printed(OutputFormat format, bool coloured = false) {
  std::ostringstream output;
  const auto printer = make_printer(format, output, Terminal(coloured), 10);
  printer->print("a\"b.jpg", one_cat());
  printer->print("bad.jpg", client::Error{.kind = client::ErrorKind::rejected, .message = "no image"});
  printer->print("empty.jpg", client::Prediction{.json = R"({"predictions":[]})"});
  printer->finish();
  return output.str();
}

TEST(InferPrinter, ATableHasARowAnObject) {
  const auto table = printed(OutputFormat::table);
  EXPECT_THAT(table, HasSubstr("a\"b.jpg     cat?[2J                     0.88    10.0    20.2    30.0    40.0\n"));
  EXPECT_THAT(table, HasSubstr("bad.jpg     failed: no image\n"));
  EXPECT_THAT(table, HasSubstr("empty.jpg   nothing above the threshold\n"));
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
  EXPECT_THAT(printed(OutputFormat::table, true), HasSubstr("\x1b[31mfailed: no image"));
}

TEST(InferPrinter, JsonLinesAreAnObjectEach) {
  std::istringstream lines(printed(OutputFormat::json_lines));
  std::vector<Json> found;
  for (std::string line; std::getline(lines, line);) found.push_back(Json::parse(line));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0], (Json{{"input", "a\"b.jpg"}, {"prediction", Json::parse(one_cat().json)}}));
  EXPECT_EQ(found[1]["error"], (Json{{"kind", "rejected"}, {"message", "no image"}}));
}

TEST(InferPrinter, JsonIsOneListAtAnyEnd) {
  EXPECT_EQ(Json::parse(printed(OutputFormat::json)).size(), 3U);
  std::ostringstream nothing;
  make_printer(OutputFormat::json, nothing, Terminal(false), 0)->finish();
  EXPECT_EQ(Json::parse(nothing.str()), Json::array());
}

TEST(InferPrinter, LabelsOfAMultiLabelModelAreThoseAboveTheThreshold) {
  client::Prediction prediction;
  auto& found = prediction.classification.emplace();
  found.multi_label = true;
  found.scores = {{"cat", 0, 0.9}, {"dog", 1, 0.1}};
  found.predicted_classes = {"cat"};
  std::ostringstream output;
  make_printer(OutputFormat::table, output, Terminal(false), 5)->print("a.jpg", prediction);
  EXPECT_THAT(output.str(), HasSubstr("cat"));
  EXPECT_THAT(output.str(), Not(HasSubstr("dog")));
}

TEST(ImageProgressTest, TellsShareSpeedAndTimeLeft) {
  std::ostringstream output;
  const auto clock = std::make_shared<FakeClock>();
  ImageProgress progress(output, 8, clock);
  progress.advance(false);  // done by an earlier run: it says nothing of the speed
  clock->advance(std::chrono::seconds(1));
  progress.advance();
  EXPECT_THAT(output.str(), EndsWith("[######..................]   25 %  2 of 8  1.0 images/s  6 s left"));
  progress.print_above("bad.jpg: no image");
  EXPECT_THAT(output.str(), HasSubstr("\r\x1b[Kbad.jpg: no image\n\r\x1b[K[######"));
}

class ModelConfig : public testing::Test {
 protected:
  ~ModelConfig() override { std::filesystem::remove(file); }
  Status read(const std::string& text) {
    std::ofstream(file) << text;
    return read_model_config(file, options);
  }
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "osprey_model_config_test.yaml";
  client::InferOptions options;
};

TEST_F(ModelConfig, ReadsTheReferencesNames) {
  ASSERT_TRUE(
      read("confidence_threshold: 0.25\nclass_filter: [cat, dog]\nmax_batch_size: 4\nstroke_width: null\n"
           "visualize_labels: true\nresponse_mask_format: rle\n"));
  EXPECT_EQ(options.confidence, 0.25);
  EXPECT_THAT(options.class_filter, testing::ElementsAre("cat", "dog"));
  EXPECT_EQ(options.visualize_labels, true);
  EXPECT_EQ(options.mask_format, client::MaskFormat::rle);
  EXPECT_EQ(options.stroke_width, std::nullopt);
}

TEST_F(ModelConfig, SaysWhatIsWrong) {
  EXPECT_THAT(read("confidence: 0.25\n").error().message, HasSubstr("'confidence' is no field"));
  EXPECT_THAT(read("max_detections: many\n").error().message, HasSubstr("max_detections has a value of another type"));
  EXPECT_THAT(read("- 1\n").error().message, HasSubstr("'name: value' lines"));
  EXPECT_THAT(read_model_config("/no/such.yaml", options).error().message, HasSubstr("no such file"));
}

}  // namespace
}  // namespace osprey::cli
