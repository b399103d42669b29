#include "oip/core.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <future>
#include <limits>
#include <optional>
#include <thread>

#include <nlohmann/json.hpp>

#include "fake_models.hpp"
#include "image/encode.hpp"
#include "oip/image_view.hpp"

namespace osprey::oip {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
std::vector<T> values(const OutputTensor& output) {
  std::vector<T> all(output.data.size() / sizeof(T));
  if (!all.empty()) std::memcpy(all.data(), output.data.data(), output.data.size());
  return all;
}

std::vector<std::string_view> texts(const OutputTensor& output) {
  return *split_bytes(output.name, std::as_bytes(std::span(output.data)), static_cast<std::size_t>(output.shape.at(0)));
}

std::string picture(std::uint8_t level) {
  const std::vector<std::uint8_t> pixels(64 * 48, level);
  const auto bytes = image::encode_png_grey(pixels, {64, 48});
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

const OutputTensor* find(const InferAnswer& answer, std::string_view name) {
  const auto found = std::find_if(answer.outputs.begin(), answer.outputs.end(),
                                  [&](const OutputTensor& output) { return output.name == name; });
  return found == answer.outputs.end() ? nullptr : &*found;
}

/// A core over the fake detectors "fake/1", "fake/2" and "fake/10".
class CoreTest : public testing::Test {
 protected:
  static constexpr std::size_t kPixels = std::size_t{3} * kFakeInput * kFakeInput;

  CoreTest() {
    for (const char* id : {"fake/1", "fake/2", "fake/10"}) write_fake_detector(root_.path(), id);
  }
  ~CoreTest() override { scheduler_.stop(); }

  Result<InferAnswer> infer(InferRequest request) {
    return waited<InferAnswer>([&](Core::Completion<InferAnswer> done) {
      core_.infer(std::make_shared<InferRequest>(std::move(request)), std::move(done));
    });
  }

  /// Starts `ask` on a compute thread and waits for its completion.
  template <typename T, typename Ask>
  Result<T> waited(Ask ask) {
    auto result = std::make_shared<std::promise<Result<T>>>();
    core_.admit(
        {}, core_.deadline(), [&] { ask([result](Result<T> value) { result->set_value(std::move(value)); }); },
        [result](Error why) { result->set_value(std::move(why)); });
    return result->get_future().get();
  }

  static InferRequest pictures(std::vector<std::string_view> elements, const std::string& model = "fake/1") {
    const auto count = static_cast<std::int64_t>(elements.size());
    return {
        .model = {model},
        .inputs = {
            {.name = "image", .datatype = DataType::bytes, .shape = {count}, .data = Elements{std::move(elements)}}}};
  }
  static InferRequest tensors(const std::vector<float>& data, std::int64_t images,
                              const std::string& model = "fake.raw/1") {
    return {.model = {model},
            .inputs = {{.name = "images",
                        .datatype = DataType::fp32,
                        .shape = {images, 3, kFakeInput, kFakeInput},
                        .data = std::as_bytes(std::span(data))}}};
  }
  static std::string error_of(const Result<InferAnswer>& answer) {
    return answer ? "answered" : answer.error().message;
  }

  TemporaryFolder root_;
  std::shared_ptr<const Clock> clock_ = std::make_shared<SteadyClock>();
  scheduler::Scheduler scheduler_{2, clock_};
  engine::FakeFunction network_ = fake_detector;
  std::unique_ptr<engine::Engine> engine_ = engine::create_fake_engine(
      fake_detector_graph(), [this](std::span<const TensorView> inputs) { return network_(inputs); });
  registry::ModelRegistry registry_{{},
                                    std::move(registry::ModelFolder::open(root_.path())).value(),
                                    registry::LoaderContext{*engine_, scheduler_, clock_, make_null_log(), {}}};
  service::PredictionService service_{service::ServiceOptions(), registry_, scheduler_, clock_};
  std::vector<std::pair<std::string, std::size_t>> told_;  // model and images of each success
  Core core_{
      {.service = service_,
       .registry = registry_,
       .clock = clock_,
       .version = "1.2.3",
       .max_images = 4,
       .succeeded = [this](std::string_view id, auto images, double) { told_.emplace_back(id, images.size()); }}};
};

TEST_F(CoreTest, ImageViewAnswersWithPredictionsAndTensorsOfTheSame) {
  const auto bright = picture(255);
  const auto dark = picture(0);
  auto answer = infer(pictures({bright, dark}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->model_name, "fake");
  EXPECT_EQ(answer->model_version, "1");
  std::vector<std::string> names;
  for (const auto& output : answer->outputs) names.push_back(output.name);
  EXPECT_THAT(names, ElementsAre("predictions", "counts", "scores", "classes", "boxes"));
  EXPECT_THAT(values<std::int64_t>(*find(*answer, "counts")), ElementsAre(1, 1));
  EXPECT_THAT(values<std::int64_t>(*find(*answer, "classes")), ElementsAre(1, 0));
  EXPECT_THAT(values<float>(*find(*answer, "scores")), ElementsAre(1.0F, 1.0F));
  EXPECT_EQ(find(*answer, "boxes")->shape, (Shape{2, 4}));
  EXPECT_THAT(values<float>(*find(*answer, "boxes")), ElementsAre(16, 12, 48, 36, 16, 12, 48, 36));
  const auto json = Json::parse(texts(*find(*answer, "predictions")).at(1));
  EXPECT_EQ(json["predictions"][0]["class"], "dark");
  EXPECT_EQ(json["image"]["width"], 64);
  EXPECT_THAT(told_, ElementsAre(std::pair("fake/1", 2)));
}

TEST_F(CoreTest, ImageViewTakesTheFieldsOfTheNativeRoutesAsParameters) {
  const auto grey = picture(180);
  auto request = pictures({grey});
  request.parameters = {{"confidence", 0.9}};
  auto answer = infer(std::move(request));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(values<std::int64_t>(*find(*answer, "counts")), ElementsAre(0));
  EXPECT_EQ(find(*answer, "boxes")->shape, (Shape{0, 4}));
  request = pictures({grey});
  request.parameters = {{"class_filter", std::string("dark,other")}, {"confidence", std::string("0.2")}};
  answer = infer(std::move(request));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(find(*answer, "scores")->shape, (Shape{0})) << "the bright one is filtered out";
  request = pictures({grey});
  request.parameters = {{"confidence", std::string("high")}};
  EXPECT_THAT(error_of(infer(std::move(request))), HasSubstr("the parameter 'confidence'"));
  request = pictures({grey});
  request.parameters = {{"mask_decode_mode", std::string("magic")}};
  EXPECT_THAT(error_of(infer(std::move(request))), HasSubstr("mask_decode_mode"));
}

TEST_F(CoreTest, ImageViewGivesTheOutputsThatAreAskedForInTheirOrder) {
  const auto bright = picture(255);
  auto request = pictures({bright});
  request.outputs = {{"boxes"}, {"counts"}};
  const auto answer = infer(std::move(request));
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->outputs.size(), 2U);
  EXPECT_EQ(answer->outputs[0].name, "boxes");
  EXPECT_EQ(answer->outputs[1].name, "counts");
  for (const auto& [name, why] : {std::pair("labels", "has no output 'labels'"),
                                  std::pair("class_map", "(object-detection) has no output 'class_map'")}) {
    request = pictures({bright});
    request.outputs = {{name}};
    EXPECT_THAT(error_of(infer(std::move(request))), HasSubstr(why));
  }
  request = pictures({bright});
  request.outputs = {{"boxes"}, {"boxes"}};
  EXPECT_THAT(error_of(infer(std::move(request))), HasSubstr("requested twice"));
}

TEST_F(CoreTest, ImageViewRefusesOtherInputs) {
  const auto bright = picture(255);
  auto request = pictures({bright});
  request.inputs[0].name = "picture";
  EXPECT_THAT(error_of(infer(request)), HasSubstr("takes one input, 'image'"));
  request = pictures({bright});
  request.inputs.push_back(request.inputs[0]);
  EXPECT_THAT(error_of(infer(request)), HasSubstr("takes one input, 'image'"));
  request = pictures({bright});
  request.inputs[0].shape = {1, 2};
  EXPECT_THAT(error_of(infer(request)), HasSubstr("expected BYTES [?]"));
  request.inputs[0].shape = {1, 1};
  EXPECT_TRUE(infer(request)) << "as clients of batching servers write it";
  request.inputs[0].shape = {2};
  EXPECT_THAT(error_of(infer(request)), HasSubstr("has 1 elements; its shape makes 2"));
  EXPECT_THAT(error_of(infer(pictures({}))), HasSubstr("no elements"));
  EXPECT_THAT(error_of(infer(pictures({"junk"}))), HasSubstr("Data is not image"));
  const auto many = infer(pictures({bright, bright, bright, bright, bright}));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, Code::payload_too_large);
}

TEST_F(CoreTest, ImageViewTakesBase64WhereJsonCarriesThePicture) {
  auto request = pictures({"aGVsbG8="});
  std::get<Elements>(request.inputs[0].data).text = true;
  EXPECT_THAT(error_of(infer(request)), HasSubstr("Data is not image")) << "decoded, then refused";
  request.inputs[0].parameters = {{"image_type", std::string("encoded")}};
  EXPECT_THAT(error_of(infer(request)), HasSubstr("'image_type' has to be"));
  request.inputs[0].parameters = {{"image_type", std::string("file")}};
  EXPECT_THAT(error_of(infer(request)), HasSubstr("'image_type' has to be"));
}

TEST_F(CoreTest, TensorViewRunsTheNetworkOnTheInputAsItIs) {
  std::vector<float> data(2 * kPixels, 0.0F);
  std::fill(data.begin() + kPixels, data.end(), 0.75F);
  const auto answer = infer(tensors(data, 2));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->model_name, "fake.raw");
  ASSERT_EQ(answer->outputs.size(), 1U);
  EXPECT_EQ(answer->outputs[0].name, "output0");
  EXPECT_EQ(answer->outputs[0].shape, (Shape{2, 6, 1}));
  EXPECT_THAT(values<float>(answer->outputs[0]), ElementsAre(16, 16, 16, 16, 1, 0, 16, 16, 16, 16, 0.25F, 0.75F));
  EXPECT_THAT(told_, ElementsAre(std::pair("fake/1", 2)));
}

TEST_F(CoreTest, TensorViewTakesDataThatIsNotAligned) {
  const std::vector<float> data(kPixels, 0.75F);
  std::vector<std::byte> shifted(kPixels * sizeof(float) + 1);
  std::memcpy(shifted.data() + 1, data.data(), kPixels * sizeof(float));
  auto request = tensors(data, 1);
  request.inputs[0].data = std::span<const std::byte>(shifted).subspan(1);
  const auto answer = infer(std::move(request));
  ASSERT_TRUE(answer);
  EXPECT_THAT(values<float>(answer->outputs[0]), ElementsAre(16, 16, 16, 16, 0.25F, 0.75F));
}

TEST_F(CoreTest, TensorViewRefusesWhatIsNotTheNetworks) {
  const std::vector<float> data(kPixels, 0.5F);
  auto request = tensors(data, 1);
  request.inputs[0].name = "image";
  EXPECT_THAT(error_of(infer(request)), HasSubstr("its input is 'images'"));
  request = tensors(data, 1);
  request.inputs[0].shape = {3, kFakeInput, kFakeInput};
  EXPECT_THAT(error_of(infer(request)), HasSubstr("expected [?,3,32,32]"));
  request = tensors(data, 1);
  request.inputs[0].datatype = DataType::int32;
  EXPECT_THAT(error_of(infer(request)), HasSubstr("expected FP32"));
  request = tensors(data, 1);
  request.outputs = {{"boxes"}};
  EXPECT_THAT(error_of(infer(request)), HasSubstr("no output 'boxes'; its outputs: 'output0'"));
  request = tensors({}, 0);
  EXPECT_THAT(error_of(infer(request)), HasSubstr("at least one image"));
  const std::vector<float> many(5 * kPixels, 0.5F);
  const auto refused = infer(tensors(many, 5));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::payload_too_large);
}

TEST_F(CoreTest, TensorViewsInputIsNeverHeldAgainstTheModel) {
  std::vector<float> data(kPixels, 0.5F);
  data[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(error_of(infer(tensors(data, 1))), HasSubstr("not numbers"));
  // Numbers, of which the network makes none: it gives what it gives.
  network_ = [](std::span<const TensorView> inputs) {
    auto outputs = fake_detector(inputs);
    for (auto& value : outputs->front().data) value = std::isfinite(value) ? value : std::nanf("");
    return outputs;
  };
  data.assign(kPixels, std::numeric_limits<float>::max());
  for (int i = 0; i < 5; ++i) {
    const auto answer = infer(tensors(data, 1));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(std::isnan(values<float>(answer->outputs[0])[5]));
  }
  const auto bright = picture(255);
  EXPECT_TRUE(infer(pictures({bright}))) << "the model is in service";
  EXPECT_TRUE(registry_.stats().models.at(0).failures == 0);
}

TEST_F(CoreTest, TheNewestVersionIsMeantWhereNoneIsNamed) {
  const auto bright = picture(255);
  const auto answer = infer(pictures({bright}, "fake"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->model_version, "10") << "by number, not by text";
  auto request = pictures({bright}, "fake");
  request.model.version = "2";
  EXPECT_EQ(infer(std::move(request))->model_version, "2");
  const auto unknown = infer(pictures({bright}, "zebra"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::not_found);
  const auto hostile = infer(pictures({bright}, "../fake"));
  ASSERT_FALSE(hostile);
  EXPECT_EQ(hostile.error().code, Code::invalid_argument);
}

TEST_F(CoreTest, MetadataTellsBothViews) {
  const auto ask = [&](const std::string& name) {
    return waited<ModelMetadata>([&, name](auto done) { core_.model_metadata({name}, {}, std::move(done)); });
  };
  const auto images = ask("fake");
  ASSERT_TRUE(images);
  EXPECT_EQ(images->name, "fake");
  EXPECT_THAT(images->versions, ElementsAre("1", "2", "10"));
  EXPECT_EQ(images->inputs.at(0).name, "image");
  EXPECT_EQ(images->inputs.at(0).datatype, DataType::bytes);
  EXPECT_EQ(images->outputs.size(), 5U);
  EXPECT_EQ(images->max_batch_size, 0U);
  const auto raw = ask("fake.raw");
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->name, "fake.raw");
  EXPECT_EQ(raw->inputs.at(0).shape, (Shape{-1, 3, kFakeInput, kFakeInput}));
  EXPECT_EQ(raw->outputs.at(0).shape, (Shape{-1, 6, 1}));
  EXPECT_EQ(raw->max_batch_size, 4U);
  EXPECT_EQ(raw->backend, "fake");
}

TEST_F(CoreTest, RepositoryListsLoadsAndUnloads) {
  EXPECT_FALSE(*core_.model_ready({"fake"}));
  EXPECT_THAT(core_.repository_index(true), testing::IsEmpty());
  ASSERT_TRUE(waited<void>([&](auto done) { core_.load({"fake", "2"}, {}, std::move(done)); }));
  EXPECT_TRUE(*core_.model_ready({"fake"}));
  EXPECT_TRUE(*core_.model_ready({"fake.raw", "2"}));
  EXPECT_FALSE(*core_.model_ready({"fake/1"}));
  std::vector<std::string> told;
  for (const auto& entry : core_.repository_index(false)) {
    told.push_back(entry.name + ":" + entry.version + ":" + std::string(to_string(entry.state)));
  }
  EXPECT_THAT(told, ElementsAre("fake:1:UNAVAILABLE", "fake.raw:1:UNAVAILABLE", "fake:10:UNAVAILABLE",
                                "fake.raw:10:UNAVAILABLE", "fake:2:READY", "fake.raw:2:READY"));
  EXPECT_EQ(core_.repository_index(true).size(), 2U);
  EXPECT_TRUE(core_.unload({"fake"}));
  EXPECT_FALSE(*core_.model_ready({"fake"}));
  EXPECT_TRUE(core_.unload({"fake", "1"})) << "one that is not in memory is no error";
  EXPECT_FALSE(core_.unload({""}));
  const auto unknown = waited<void>([&](auto done) { core_.load({"zebra"}, {}, std::move(done)); });
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::not_found);
}

TEST_F(CoreTest, ARequestWhoseClientHasLeftIsCancelled) {
  const auto bright = picture(255);
  for (auto request : {pictures({bright}), tensors(std::vector<float>(kPixels, 0.5F), 1)}) {
    request.cancel.cancel();
    if (request.inputs[0].name == "images") request.inputs[0].data = RawData{};  // never looked at
    const auto answer = infer(std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().code == Code::cancelled || answer.error().code == Code::invalid_argument);
  }
}

/// What the image view makes of predictions of any task.
class ImageOutputsTest : public testing::Test {
 protected:
  std::vector<OutputTensor> outputs(vision::Task task, std::vector<vision::Prediction> predictions,
                                    std::vector<std::string> names) {
    auto model = std::make_shared<registry::LiveModel>();
    model->id = "some/1";
    model->package.family.task = task;
    model->package.family.class_names = {"a", "b", "c"};
    model->package.family.skeletons = {{{"nose", "tail"}}, {{"nose"}}};
    service::PredictionResponse response;
    response.model = registry::ModelLease(std::move(model), false, true);
    for (auto& prediction : predictions) response.images.push_back({{8, 4}, std::move(prediction), {}, {}});
    ImageRequest request;
    request.outputs = std::move(names);
    auto made = image_outputs_of(response, request, "", 0);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? std::move(made).value() : std::vector<OutputTensor>();
  }
};

TEST_F(ImageOutputsTest, OfClassificationHoldEveryClassesProbability) {
  const auto made = outputs(vision::Task::classification,
                            {vision::Classification{{{2, 0.5}, {0, 0.25}}, {0.25F, 0.2F, 0.55F}},
                             vision::Classification{{}, {0.3F, 0.3F, 0.4F}}},
                            {"counts", "scores", "classes", "probabilities"});
  EXPECT_THAT(values<std::int64_t>(made.at(0)), ElementsAre(2, 0));
  EXPECT_THAT(values<float>(made.at(1)), ElementsAre(0.5F, 0.25F));
  EXPECT_THAT(values<std::int64_t>(made.at(2)), ElementsAre(2, 0));
  EXPECT_EQ(made.at(3).shape, (Shape{2, 3}));
  EXPECT_THAT(values<float>(made.at(3)), ElementsAre(0.25F, 0.2F, 0.55F, 0.3F, 0.3F, 0.4F));
}

TEST_F(ImageOutputsTest, OfSeveralLabelsCountThosePredicted) {
  const auto made = outputs(vision::Task::multi_label_classification,
                            {vision::MultiLabelClassification{{0.75F, 0.5F, 0.25F}, {0, 1}}},
                            {"counts", "scores", "classes", "probabilities"});
  EXPECT_THAT(values<std::int64_t>(made.at(0)), ElementsAre(2));
  EXPECT_THAT(values<float>(made.at(1)), ElementsAre(0.75F, 0.5F));
  EXPECT_THAT(values<std::int64_t>(made.at(2)), ElementsAre(0, 1));
  EXPECT_EQ(made.at(3).shape, (Shape{1, 3}));
}

TEST_F(ImageOutputsTest, OfKeypointsHoldZerosWhereNoneWasFound) {
  const vision::Pose pose{{{1, 2, 3, 4}, 0.5F, 1}, {{5, 6, 0.75F, 1}}};
  const auto made = outputs(vision::Task::keypoint_detection, {vision::Poses{{pose}}, vision::Poses{}},
                            {"keypoints", "boxes", "counts"});
  EXPECT_EQ(made.at(0).shape, (Shape{1, 2, 3}));
  EXPECT_THAT(values<float>(made.at(0)), ElementsAre(0, 0, 0, 5, 6, 0.75F));
  EXPECT_THAT(values<float>(made.at(1)), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(values<std::int64_t>(made.at(2)), ElementsAre(1, 0));
}

TEST_F(ImageOutputsTest, OfSemanticMapsComeOneAfterTheOtherWithTheirSizes) {
  const auto made =
      outputs(vision::Task::semantic_segmentation,
              {vision::SemanticMap{{2, 1}, {1, 2}, {9, 9}}, vision::SemanticMap{{1, 3}, {0, 1, 2}, {9, 9, 9}}},
              {"sizes", "class_map"});
  EXPECT_EQ(made.at(0).shape, (Shape{2, 2}));
  EXPECT_THAT(values<std::int64_t>(made.at(0)), ElementsAre(1, 2, 3, 1));
  EXPECT_EQ(made.at(1).shape, (Shape{5}));
  EXPECT_THAT(values<std::uint8_t>(made.at(1)), ElementsAre(1, 2, 0, 1, 2));
}

}  // namespace
}  // namespace osprey::oip
