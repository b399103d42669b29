// What a request to the image view says.
#include <algorithm>
#include <array>
#include <utility>

#include "api/field_rules.hpp"
#include "api/inference_request.hpp"
#include "oip/image_outputs.hpp"
#include "oip/image_view.hpp"

namespace osprey::oip {
namespace {

using service::ImageSource;

constexpr std::string_view kInput = "image";
constexpr std::string_view kImageType = "image_type";

Error invalid(std::string message) {
  return {Code::invalid_argument, std::move(message)};
}

/// What the elements of the input are: told by its parameter image_type, else by where they stood.
Result<ImageSource::Kind> source_kind(const InputTensor& input, bool text, bool numpy_input) {
  using Kind = ImageSource::Kind;
  const auto found = input.parameters.find(kImageType);
  if (found == input.parameters.end()) return text ? Kind::base64 : Kind::encoded;
  const auto* type = std::get_if<std::string>(&found->second);
  if (type != nullptr && *type == "encoded" && !text) return Kind::encoded;
  if (type != nullptr) {
    switch (api::image_kind(*type)) {
      case api::ImageKind::base64: return Kind::base64;
      case api::ImageKind::url: return Kind::url;
      case api::ImageKind::numpy:
        if (!numpy_input) return invalid("pickled arrays are not taken in this configuration of the server");
        return text ? Kind::base64_pickled : Kind::pickled;
      default: break;
    }
  }
  return invalid(text ? "the input's parameter 'image_type' has to be 'base64', 'url' or 'numpy'"
                      : "the input's parameter 'image_type' has to be 'encoded', 'base64', 'url' or 'numpy'");
}

/// Whether the shape is [n], or [n,1] as clients of batching servers write it.
bool is_list(const Shape& shape) {
  return shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
}

Result<std::vector<ImageSource>> read_images(const InferRequest& request, const CoreContext& context) {
  if (request.inputs.size() != 1 || request.inputs.front().name != kInput) {
    std::string names;
    for (const auto& input : request.inputs) names += (names.empty() ? "'" : ", '") + input.name + "'";
    return invalid("the image view takes one input, 'image'; the request has " + (names.empty() ? "none" : names));
  }
  const auto& input = request.inputs.front();
  if (input.datatype != DataType::bytes || !is_list(input.shape)) {
    return invalid("the input 'image' is " + std::string(to_string(input.datatype)) + " " +
                   osprey::to_string(input.shape) + "; expected BYTES [?], an encoded picture an element");
  }
  const auto count = checked_count(input.name, input.shape);
  if (!count) return count.error();
  if (*count == 0) return invalid("the input 'image' has no elements");
  if (*count > context.max_images) {
    return Error{Code::payload_too_large, "the request has " + std::to_string(*count) +
                                              " images, more than the limit of " + std::to_string(context.max_images)};
  }
  const auto* given = std::get_if<Elements>(&input.data);
  const auto kind = source_kind(input, given != nullptr && given->text, context.numpy_input);
  if (!kind) return kind.error();
  std::vector<std::string_view> elements;
  if (given != nullptr) {
    if (auto checked = check_input(input); !checked) return std::move(checked).error();
    elements = given->values;
  } else {
    auto split = split_bytes(input.name, std::get<RawData>(input.data), *count);
    if (!split) return std::move(split).error();
    elements = std::move(split).value();
  }
  std::vector<ImageSource> images;
  for (const auto& element : elements) {
    ImageSource source{*kind, element};
    if (*kind == ImageSource::Kind::url && api::url_image(element).kind == api::ImageKind::base64) {
      source = {ImageSource::Kind::base64, api::url_image(element).value};  // a data URI
    }
    images.push_back(source);
  }
  return images;
}

/// A parameter as the native routes' fields are read; lists are text with commas here.
api::Scalar as_scalar(std::string_view name, const Parameter& parameter) {
  api::Scalar scalar;
  if (const auto* flag = std::get_if<bool>(&parameter)) {
    scalar.kind = api::Scalar::Kind::boolean;
    scalar.boolean = *flag;
  } else if (const auto* integer = std::get_if<std::int64_t>(&parameter)) {
    scalar.kind = api::Scalar::Kind::integer;
    scalar.integer = *integer;
  } else if (const auto* number = std::get_if<double>(&parameter)) {
    scalar.kind = api::Scalar::Kind::number;
    scalar.number = *number;
  } else {
    std::string_view text = std::get<std::string>(parameter);
    if (name != "class_filter") return api::Scalar::of_text(text);
    scalar.kind = api::Scalar::Kind::list;
    while (!text.empty()) {
      const auto comma = text.find(',');
      if (const auto item = text.substr(0, comma); !item.empty()) scalar.items.push_back(api::Scalar::of_text(item));
      text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
  }
  return scalar;
}

/// Reads a parameter as a field of the route that takes it as it is: which one the model belongs to is not known yet.
Status apply_parameter(std::string_view name, const Parameter& parameter, api::InferenceRequest& fields) {
  using api::Route;
  const auto scalar = as_scalar(name, parameter);
  std::string first_problem;
  for (const auto route : {Route::instance_segmentation, Route::keypoints_detection, Route::classification,
                           Route::semantic_segmentation, Route::object_detection}) {
    const bool known =
        std::any_of(api::field_rules().begin(), api::field_rules().end(), [&](const api::FieldRule& rule) {
          return rule.body_name == name && (rule.routes & api::route_bit(route)) != 0;
        });
    if (!known) continue;
    auto tried = fields;
    api::Problems problems;
    api::apply_body_field(route, name, scalar, tried, problems);
    if (problems.empty()) {
      fields = std::move(tried);
      return {};
    }
    if (first_problem.empty()) first_problem = problems.front().message;
  }
  if (first_problem.empty()) return {};  // another server's or extension's, as the native routes ignore them
  return invalid("the parameter '" + std::string(name) + "': " + first_problem);
}

Status check_outputs(const InferRequest& request, std::vector<std::string>& names) {
  for (const auto& output : request.outputs) {
    const auto known = known_image_outputs();
    if (std::find(known.begin(), known.end(), output.name) == known.end()) {
      std::string all;
      for (const auto name : known) all += (all.empty() ? "'" : ", '") + std::string(name) + "'";
      return invalid("the image view has no output '" + output.name +
                     "'; there are, as the model's task has them: " + all);
    }
    if (std::find(names.begin(), names.end(), output.name) != names.end()) {
      return invalid("the output '" + output.name + "' is requested twice");
    }
    names.push_back(output.name);
  }
  return {};
}

}  // namespace

std::vector<TensorMetadata> image_inputs() {
  return {{std::string(kInput), DataType::bytes, {-1}}};
}

Result<ImageRequest> read_image_request(const std::shared_ptr<const InferRequest>& request,
                                        const CoreContext& context) {
  ImageRequest read;
  if (auto checked = check_outputs(*request, read.outputs); !checked) return std::move(checked).error();
  auto images = read_images(*request, context);
  if (!images) return std::move(images).error();
  api::InferenceRequest fields;
  for (const auto& [name, value] : request->parameters) {
    if (auto applied = apply_parameter(name, value, fields); !applied) return std::move(applied).error();
  }
  if (const auto message = api::check_mask_decoding(fields); !message.empty()) return invalid(std::string(message));
  auto prediction = std::make_shared<service::PredictionRequest>();
  prediction->request_path = request->request_path;
  prediction->api_key = request->api_key;
  prediction->images = std::move(images).value();
  prediction->decode = std::move(fields.decode);
  prediction->preprocess = fields.preprocess;
  prediction->auto_orient = !fields.disable_auto_orient;
  if (fields.visualize_predictions) {
    prediction->visualization = {fields.visualization_labels, fields.visualization_stroke_width};
  }
  prediction->cancel = request->cancel;
  prediction->deadline = request->deadline;
  prediction->keep_alive = request;
  read.prediction = std::move(prediction);
  read.mask_format = fields.response_mask_format;
  return read;
}

}  // namespace osprey::oip
