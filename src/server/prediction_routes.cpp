#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/error_json.hpp"
#include "api/field_rules.hpp"
#include "api/inference_body.hpp"
#include "api/json_writer.hpp"
#include "api/legacy_request.hpp"
#include "api/prediction_json.hpp"
#include "base/uuid.hpp"
#include "server/exchange.hpp"
#include "server/model_headers.hpp"
#include "server/routes.hpp"

namespace osprey::server {
namespace {

using api::ImageKind;
using service::ImageSource;

Error image_error(const char* cause) {
  return {Code::invalid_argument, std::string("Could not load input image. Cause: ") + cause};
}

Result<ImageSource> image_source(const api::ImageField& image, const RouteSwitches& switches) {
  const bool is_array = image.kind == ImageKind::numpy || image.kind == ImageKind::pickled;
  if (is_array && !switches.numpy_input) {
    return image_error("NumPy image type is not supported in this configuration of the server.");
  }
  switch (image.kind) {
    case ImageKind::base64: return ImageSource{ImageSource::Kind::base64, image.value};
    case ImageKind::numpy: return ImageSource{ImageSource::Kind::base64_pickled, image.value};
    case ImageKind::encoded: return ImageSource{ImageSource::Kind::encoded, image.value};
    case ImageKind::pickled: return ImageSource{ImageSource::Kind::pickled, image.value};
    case ImageKind::url: return ImageSource{ImageSource::Kind::url, image.value};
    case ImageKind::file:
      return image_error("this server does not read images from its own disk; send the image as base64");
    case ImageKind::unknown: return image_error("Image declaration contains not recognised image type.");
  }
  return image_error("Image declaration contains not recognised image type.");
}

/// What the answer needs of the request, once the service has taken it.
struct AnswerOptions {
  std::string inference_id;
  bool as_list = false;
  api::ResponseFormat format = api::ResponseFormat::json;
  vision::MaskFormat mask_format = vision::MaskFormat::polygon;
};

/// v1 with format=image: the picture itself.
http::Response picture_response(const service::ImagePrediction& image) {
  http::Response response;
  response.content_type = "image/jpeg";
  if (image.visualization) {
    response.body.assign(reinterpret_cast<const char*>(image.visualization->data()), image.visualization->size());
  }
  return response;
}

Result<http::Response> json_response(const service::PredictionResponse& result, const AnswerOptions& options,
                                     TimePoint started, const Clock& clock) {
  const auto& model = *result.model;
  api::JsonWriter json;
  if (options.as_list) json.begin_array();
  for (const auto& image : result.images) {
    const api::PredictionAnswer answer{
        options.inference_id,
        seconds_between(started, clock.now()),
        {model.id, model.package.package_id, model.session->backend(), model.package.quantization},
        model.package.family,
        image.image,
        image.prediction,
        options.mask_format,
        image.visualization ? std::span<const std::byte>(*image.visualization) : std::span<const std::byte>()};
    if (auto written = api::write_prediction(answer, json); !written) return std::move(written).error();
  }
  if (options.as_list) json.end_array();
  http::Response response;
  response.body = std::move(json).take();
  return response;
}

/// Hands a parsed request to the service. `api_key`: for the model's registry. `storage` owns what the images' views
/// point to.
void predict(const RouteContext& context, const std::shared_ptr<Exchange>& exchange, api::InferenceRequest request,
             std::string api_key, std::shared_ptr<const void> storage) {
  if (const auto message = api::check_mask_decoding(request); !message.empty()) {
    return exchange->fail(Error{Code::invalid_argument, std::string(message)});
  }
  if (request.images.size() > context.max_images) {
    return exchange->fail({Code::payload_too_large, "the request has " + std::to_string(request.images.size()) +
                                                        " images, more than the limit of " +
                                                        std::to_string(context.max_images)});
  }
  auto prediction = std::make_shared<service::PredictionRequest>();
  for (const auto& image : request.images) {
    auto source = image_source(image, context.switches);
    if (!source) return exchange->fail(source.error());
    prediction->images.push_back(*source);
  }
  prediction->model_id = std::move(request.model_id);
  prediction->request_path = exchange->request.path;
  prediction->api_key = std::move(api_key);
  prediction->decode = std::move(request.decode);
  prediction->preprocess = request.preprocess;
  prediction->auto_orient = !request.disable_auto_orient;
  if (request.visualize_predictions || request.format != api::ResponseFormat::json) {
    prediction->visualization = {request.visualization_labels, request.visualization_stroke_width};
  }
  prediction->cancel = exchange->request.cancel;
  prediction->deadline = exchange->started + context.request_time;
  prediction->keep_alive = std::move(storage);

  const std::string model_id = prediction->model_id;
  AnswerOptions options{request.id ? std::move(*request.id) : make_uuid(), request.image_is_list, request.format,
                        request.response_mask_format};
  context.service.predict(std::move(prediction), [exchange, options, clock = context.clock, metrics = context.metrics,
                                                  model_id](Result<service::PredictionResponse> result) {
    if (!result) {
      metrics->predictions().failed(model_id, result.error().code);
      return exchange->fail(result.error());
    }
    auto response = options.format == api::ResponseFormat::image
                        ? Result<http::Response>(picture_response(result->images.front()))
                        : json_response(*result, options, exchange->started, *clock);
    if (!response) return exchange->fail(response.error());
    metrics->predictions().succeeded(model_id, result->images, seconds_between(exchange->started, clock->now()));
    add_model_headers(result->model->id, result->model.cold(), result->model->load_seconds, *response);
    exchange->answer(std::move(response).value());
  });
}

/// Runs `work` on a compute thread; when there is no room for it, answers so at once.
void admit(const RouteContext& context, const std::shared_ptr<Exchange>& exchange, std::function<void()> work) {
  context.service.admit(exchange->request.cancel, exchange->started + context.request_time, std::move(work),
                        [exchange](Error why) { exchange->fail(why); });
}

void infer(const RouteContext& context, api::Route route, http::Request request, http::Responder respond) {
  auto exchange = std::make_shared<Exchange>(std::move(request), std::move(respond), context.clock->now());
  admit(context, exchange, [context, route, exchange] {
    const auto type = exchange->request.headers.find("Content-Type");
    auto body = std::make_shared<api::InferenceBody>(route, std::move(exchange->request.body),
                                                     type && api::is_json_content_type(*type), context.max_json_depth);
    const auto body_key = body->problems().empty() ? body->request().api_key : std::nullopt;
    if (!context.access->allows(exchange->request, body_key)) return exchange->answer(unauthorized_response());
    if (!body->problems().empty()) return exchange->refuse(body->problems());
    auto parsed = body->request();
    predict(context, exchange, std::move(parsed), context.access->registry_key(exchange->request, false, body_key),
            std::move(body));
  });
}

void infer_legacy(const RouteContext& context, http::Request request, http::Responder respond) {
  auto exchange = std::make_shared<Exchange>(std::move(request), std::move(respond), context.clock->now());
  admit(context, exchange, [context, exchange] {
    const auto& sent = exchange->request;
    auto parsed = api::parse_legacy_request(sent.query, sent.headers.find("Content-Type"), sent.body);
    if (!parsed.problems.empty()) return exchange->refuse(parsed.problems);
    if (parsed.error) return exchange->fail(*parsed.error);
    parsed.request.model_id =
        std::string(sent.path_parameter("project")) + "/" + std::string(sent.path_parameter("version"));
    predict(context, exchange, std::move(parsed.request),
            context.access->registry_key(exchange->request, true, std::nullopt), exchange);
  });
}

}  // namespace

void add_prediction_routes(http::Router& router, const RouteContext& context) {
  using api::Route;
  for (const auto& [path, route] : {std::pair("/infer/object_detection", Route::object_detection),
                                    std::pair("/infer/instance_segmentation", Route::instance_segmentation),
                                    std::pair("/infer/keypoints_detection", Route::keypoints_detection),
                                    std::pair("/infer/classification", Route::classification),
                                    std::pair("/infer/semantic_segmentation", Route::semantic_segmentation)}) {
    router.add("POST", path, [context, route = route](http::Request request, http::Responder respond) {
      infer(context, route, std::move(request), std::move(respond));
    });
  }
  if (!context.switches.legacy_route) return;
  for (const char* method : {"GET", "POST"}) {
    router.add(method, "/{project}/{version}", [context](http::Request request, http::Responder respond) {
      infer_legacy(context, std::move(request), std::move(respond));
    });
  }
}

}  // namespace osprey::server
