#include "service/prediction_service.hpp"

#include <future>

#include <gtest/gtest.h>

#include "image/encode.hpp"
#include "service_fixture.hpp"

namespace osprey::service {
namespace {

/// A grey picture as PNG bytes.
std::string picture(std::uint8_t level, int width = 64, int height = 48) {
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width * height), level);
  const auto bytes = image::encode_png_grey(pixels, {width, height});
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

class PredictionServiceTest : public ServiceFixture {
 protected:
  std::shared_ptr<PredictionRequest> request(std::vector<std::string> pictures) {
    auto stored = std::make_shared<std::vector<std::string>>(std::move(pictures));
    auto made = std::make_shared<PredictionRequest>();
    made->model_id = "fake/1";
    for (const auto& bytes : *stored) made->images.push_back({ImageSource::Kind::encoded, bytes});
    made->keep_alive = stored;
    return made;
  }
  /// Predicts and runs the scheduler dry.
  Result<PredictionResponse> predict(std::shared_ptr<const PredictionRequest> with) {
    std::optional<Result<PredictionResponse>> outcome;
    int completions = 0;
    service.predict(std::move(with), [&](Result<PredictionResponse> result) {
      ++completions;
      outcome.emplace(std::move(result));
    });
    run_dry();
    EXPECT_EQ(completions, 1);
    return outcome ? std::move(*outcome) : Result<PredictionResponse>(Error{Code::internal, "not completed"});
  }
  static const vision::Detection& only(const ImagePrediction& image) {
    return std::get<vision::ObjectDetections>(image.prediction).detections.at(0);
  }
};

TEST_F(PredictionServiceTest, PredictsInImagePixels) {
  load();
  const auto response = predict(request({picture(255)}));
  ASSERT_TRUE(response) << response.error().message;
  ASSERT_EQ(response->images.size(), 1U);
  EXPECT_EQ(response->images[0].image, (image::Size{64, 48}));
  const auto& found = only(response->images[0]);
  EXPECT_EQ(found.box, (vision::Box{16, 12, 48, 36}));
  EXPECT_EQ(found.class_id, 1);
  EXPECT_FLOAT_EQ(found.confidence, 1.0F);
}

TEST_F(PredictionServiceTest, KeepsTheOrderOfAList) {
  load();
  std::vector<std::string> pictures;
  for (int i = 0; i < 9; ++i) pictures.push_back(picture(i % 2 == 0 ? 255 : 0));
  const auto response = predict(request(pictures));
  ASSERT_TRUE(response) << response.error().message;
  ASSERT_EQ(response->images.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(only(response->images[i]).class_id, i % 2 == 0 ? 1 : 0) << i;
}

TEST_F(PredictionServiceTest, AListLongerThanTheQueuesIsServed) {
  load();
  EXPECT_TRUE(predict(request(std::vector<std::string>(50, picture(255)))));
}

TEST_F(PredictionServiceTest, OneBadImageFailsTheWholeList) {
  load();
  const auto response = predict(request({picture(255), "garbage", picture(0)}));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::invalid_argument);
}

TEST_F(PredictionServiceTest, RefusesAnEmptyList) {
  EXPECT_EQ(predict(request({})).error().code, Code::invalid_argument);
}

TEST_F(PredictionServiceTest, ReportsANetworkThatFails) {
  load();
  network = [](auto) -> Outputs { return Error{Code::internal, "broken"}; };
  EXPECT_EQ(predict(request({picture(255)})).error().code, Code::internal);
  network = fake_detector;
  EXPECT_TRUE(predict(request({picture(255)})));
}

TEST_F(PredictionServiceTest, DoesNotRunForAClientThatHasLeft) {
  load();
  const auto left = request({picture(255)});
  left->cancel.cancel();
  EXPECT_EQ(predict(left).error().code, Code::cancelled);
}

TEST_F(PredictionServiceTest, DoesNotRunWhatHasWaitedTooLong) {
  load();
  const auto late = request({picture(255)});
  late->deadline = clock->now();
  EXPECT_EQ(predict(late).error().code, Code::overloaded);
}

TEST_F(PredictionServiceTest, TellsAnUnknownModel) {
  const auto unknown = request({picture(255)});
  unknown->model_id = "zebra/1";
  std::promise<Code> code;
  service.predict(unknown, [&](Result<PredictionResponse> result) {
    code.set_value(result ? Code::internal : result.error().code);
  });
  EXPECT_EQ(code.get_future().get(), Code::not_found);
}

TEST_F(PredictionServiceTest, AddsAPictureOfTheImagesSize) {
  load();
  const auto wanted = request({picture(255)});
  wanted->visualization = VisualizationOptions{true, 2};
  const auto response = predict(wanted);
  ASSERT_TRUE(response) << response.error().message;
  ASSERT_TRUE(response->images[0].visualization);
  const auto decoded = image::decode(*response->images[0].visualization, {});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->size(), (image::Size{64, 48}));
}

TEST_F(PredictionServiceTest, AdmitsNoMoreThanItsLimit) {
  int worked = 0;
  std::vector<Code> refusals;
  for (int i = 0; i < 10; ++i) {
    service.admit({}, TimePoint::max(), [&] { ++worked; }, [&](Error why) { refusals.push_back(why.code); });
  }
  EXPECT_EQ(refusals, (std::vector<Code>{Code::overloaded, Code::overloaded}));
  while (scheduler.run_one()) {
  }
  EXPECT_EQ(worked, 8);
}

TEST_F(PredictionServiceTest, DoesNotBeginWhatIsTooOld) {
  int worked = 0;
  std::vector<Code> refusals;
  const auto deadline = clock->now() - std::chrono::milliseconds(1);
  service.admit({}, deadline, [&] { ++worked; }, [&](Error why) { refusals.push_back(why.code); });
  EXPECT_TRUE(scheduler.run_one());
  EXPECT_EQ(worked, 0);
  EXPECT_EQ(refusals, std::vector<Code>{Code::overloaded});
}

TEST_F(PredictionServiceTest, SurvivesWorkThatThrows) {
  std::vector<Code> refusals;
  service.admit({}, TimePoint::max(), [] { throw std::bad_alloc(); }, [&](Error why) { refusals.push_back(why.code); });
  EXPECT_TRUE(scheduler.run_one());
  EXPECT_EQ(refusals, std::vector<Code>{Code::internal});
}

}  // namespace
}  // namespace osprey::service
