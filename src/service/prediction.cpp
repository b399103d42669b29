#include "service/prediction.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "service/answer_check.hpp"

namespace osprey::service {

PredictionService::Prediction::Prediction(PredictionService& service, std::shared_ptr<const PredictionRequest> request,
                                          Completion completion)
    : service_(service),
      in_flight_(service.in_flight_),
      request_(std::move(request)),
      completion_(std::move(completion)) {}

void PredictionService::Prediction::start(registry::ModelLease lease, bool on_compute_thread) {
  lease_ = std::move(lease);
  const std::size_t count = request_->images.size();
  results_.resize(count);
  fetched_.resize(count);
  remaining_ = count;
  // As many images of one request at a time as there are threads: a long list must not fill the queues.
  const std::size_t begun = std::min(count, service_.options_.threads);
  const bool first_here = on_compute_thread && request_->images.front().kind != ImageSource::Kind::url;
  if (first_here) ++next_;
  for (std::size_t i = first_here ? 1 : 0; i < begun; ++i) start_next();
  if (first_here) prepare(0);
}

void PredictionService::Prediction::start_next() {
  const std::size_t index = next_++;
  if (index >= request_->images.size()) return;
  if (request_->images[index].kind == ImageSource::Kind::url) {
    fetch(index);
  } else {
    submit(&Prediction::prepare, index);
  }
}

void PredictionService::Prediction::submit(Step step, std::size_t index) {
  auto self = shared_from_this();
  service_.preparation_.submit(std::make_unique<StepJob>(
      request_->cancel, request_->deadline, [self, step, index] { ((*self).*step)(index); },
      [self](Error why) { self->fail(std::move(why)); }));
}

void PredictionService::Prediction::fetch(std::size_t index) {
  if (!service_.options_.fetch_urls) {
    return fail(
        image_error({Code::invalid_argument, "this server does not fetch image URLs; send the image as base64"}));
  }
  const TimePoint began = now();
  auto self = shared_from_this();
  service_.fetcher_.start(
      std::string(request_->images[index].data), [self] { return self->abandoned(); },
      [self, index, began](Result<fetch::FetchedBytes> bytes) {
        if (!bytes) return self->fail(image_error(std::move(bytes).error()));
        self->fetched_[index] = {std::move(bytes).value(), seconds_between(began, self->now())};
        self->submit(&Prediction::prepare, index);
      });
}

void PredictionService::Prediction::fail(Error error) noexcept {
  if (completed_.exchange(true)) return;
  try {
    complete(std::move(error));
  } catch (...) {  // no memory for an answer: who waits is answered when the completion is let go
  }
}

void PredictionService::Prediction::complete(Result<PredictionResponse> result) {
  // Let go of, so that what it holds does not wait for a job that hangs.
  const auto completion = std::exchange(completion_, nullptr);
  completion(std::move(result));
}

void PredictionService::Prediction::prepare(std::size_t index) {
  if (abandoned()) return fail({Code::cancelled, "the client has left"});
  if (lease_->health->is_out()) return fail(lease_->health->refusal());  // since this request came
  StageTimes times;
  ImageSource source = request_->images[index];
  if (source.kind == ImageSource::Kind::url) {
    const auto bytes = fetched_[index].bytes.view();
    times.fetch = fetched_[index].seconds;
    source = {ImageSource::Kind::encoded, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
  }
  const TimePoint began = now();
  const auto& plan = lease_->package.preprocess;
  std::optional<image::Reduction> reduction;  // not where the pixels are to be seen
  if (service_.options_.decode_scale == DecodeScale::automatic && !request_->visualization) {
    reduction = vision::reduction_for(plan, request_->preprocess);
  }
  auto image = load_image(source, {request_->auto_orient, service_.options_.image_limits}, reduction);
  fetched_[index].bytes.clear();
  if (!image) return fail(std::move(image).error());

  const TimePoint loaded = now();
  times.load = seconds_between(began, loaded);
  const auto tensor_size =
      std::size_t{3} * static_cast<std::size_t>(plan.network.width) * static_cast<std::size_t>(plan.network.height);
  auto input = tensors().take(tensor_size);
  auto geometry =
      vision::preprocess_reduced(image->image.view(), image->full, plan, request_->preprocess, input.values());
  if (!geometry) return fail(std::move(geometry).error());
  times.preprocess = seconds_between(loaded, now());

  image::Image canvas;
  if (request_->visualization) canvas = std::move(image->image);
  lease_->lane->hand_over(
      std::make_unique<NetworkJob>(shared_from_this(), index, std::move(input), *geometry, std::move(canvas), times));
}

void PredictionService::Prediction::finish(std::size_t index, ImagePrediction prediction) {
  results_[index] = std::move(prediction);
  if (remaining_.fetch_sub(1) > 1) return start_next();
  if (completed_.exchange(true)) return;
  complete(PredictionResponse{std::move(lease_), std::move(results_)});
}

Status PredictionService::NetworkJob::complete(std::span<const TensorView> outputs, std::size_t index) noexcept {
  try {
    times_.network = lap();
    const auto& model = prediction_->model();
    auto decoded = model.family->decode(outputs, index, geometry_, prediction_->request().decode);
    if (decoded && !is_finite(*decoded)) {
      decoded = Error{Code::internal, "the model's predictions hold values that are not numbers (NaN or infinite)"};
    }
    if (!decoded) {
      prediction_->fail(decoded.error());
      return std::move(decoded).error();
    }
    ImagePrediction result{geometry_.image, std::move(decoded).value(), std::nullopt, {}};
    times_.decode = lap();
    if (const auto& options = prediction_->request().visualization) {
      auto picture = visualize(std::move(canvas_), result.prediction, model.package, *options);
      if (!picture) {
        prediction_->fail(std::move(picture).error());
        return {};
      }
      result.visualization = std::move(picture).value();
      times_.draw = lap();
    }
    result.times = times_;
    prediction_->finish(index_, std::move(result));
  } catch (const std::exception& e) {  // out of memory, above all: this request fails, the others go on
    prediction_->fail({Code::internal, std::string("reading the network's outputs failed: ") + e.what()});
  } catch (...) {
    prediction_->fail({Code::internal, "reading the network's outputs failed"});
  }
  return {};
}

}  // namespace osprey::service
