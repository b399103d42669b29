#include "api/inference_body.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <utility>

#include <simdjson.h>

#include "api/field_rules.hpp"
#include "api/json_value.hpp"
#include "api/json_writer.hpp"

namespace osprey::api {
namespace {

namespace od = simdjson::ondemand;

/// A JSON text with the room behind it that the parser reads over.
class JsonText {
 public:
  JsonText(std::string text, int max_depth) : text_(std::move(text)), max_depth_(max_depth) {
    text_.reserve(text_.size() + simdjson::SIMDJSON_PADDING);
  }

  /// Calls `on_field` for each field of the object that the text holds. Adds the framework's problems when it is no
  /// object: missing, json_invalid or model_attributes_type.
  using OnField = std::function<simdjson::error_code(std::string_view name, od::value value)>;
  void for_each_field(bool is_json, Problems& problems, const OnField& on_field) {
    const Location body{"body"};
    if (text_.empty()) {
      problems.push_back(make_problem("missing", body, "Field required", {}));
      return;
    }
    if (!is_json) return not_an_object(Scalar::of_text(text_), problems);
    od::document document;
    // What is wrong here is told of the whole text, most often that it is cut short: hence its end.
    const auto end = static_cast<std::int64_t>(text_.size());
    if (const auto error = parser_.iterate(text_, text_.capacity()).get(document))
      return malformed(error, end, problems);
    od::json_type type{};
    if (const auto error = document.type().get(type)) return malformed(error, 0, problems);
    if (type != od::json_type::object) return other_value(document, type, problems);
    if (const auto error = read_fields(document, on_field)) {
      return malformed(error, error == simdjson::INCOMPLETE_ARRAY_OR_OBJECT ? end : position(document), problems);
    }
  }

 private:
  static simdjson::error_code read_fields(od::document& document, const OnField& on_field) {
    od::object object;
    if (const auto error = document.get_object().get(object)) return error;
    for (auto field : object) {
      od::field one;
      if (const auto error = std::move(field).get(one)) return error;
      std::string_view name;
      if (const auto error = one.unescaped_key().get(name)) return error;
      if (const auto error = on_field(name, one.value())) return error;
    }
    const char* rest = nullptr;
    const bool at_end = document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
    return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
  }

  void other_value(od::document& document, od::json_type type, Problems& problems) {
    Scalar scalar = Scalar::of_text(text_);
    if (type == od::json_type::array) {
      scalar.raw = text_;
      od::value value;
      Scalar ignored;
      simdjson::error_code error = document.get_value().get(value);
      if (!error) error = read_scalar(value, ignored, max_depth_);
      if (error) return malformed(error, position(document), problems);
    } else {
      scalar.raw = {};
    }
    not_an_object(scalar, problems);
  }

  static void not_an_object(const Scalar& value, Problems& problems) {
    problems.push_back(make_problem("model_attributes_type", {"body"},
                                    "Input should be a valid dictionary or object to extract fields from", value));
  }

  /// Where the parser stopped, in bytes from the start.
  std::int64_t position(od::document& document) const {
    const char* at = nullptr;
    if (document.current_location().get(at)) return static_cast<std::int64_t>(text_.size());
    return at - text_.data();
  }

  static void malformed(simdjson::error_code error, std::int64_t position, Problems& problems) {
    Problem problem{"json_invalid", {"body", position}, "JSON decode error", "{}", {}};
    JsonWriter context;
    context.begin_object().key("error").string(simdjson::error_message(error)).end_object();
    problem.context_json = std::move(context).take();
    problems.assign(1, std::move(problem));
  }

  std::string text_;
  int max_depth_;
  od::parser parser_;
};

/// One image object: {"type": ..., "value": ...}.
simdjson::error_code read_image_object(od::value value, const Location& location, int levels, InferenceRequest& request,
                                       Problems& problems) {
  od::object object;
  if (const auto error = value.get_object().get(object)) return error;
  ImageField image;
  bool has_type = false;
  for (auto field : object) {
    od::field one;
    if (const auto error = std::move(field).get(one)) return error;
    std::string_view name;
    if (const auto error = one.unescaped_key().get(name)) return error;
    const std::string key(name);
    Scalar scalar;
    if (const auto error = read_scalar(one.value(), scalar, levels - 1)) return error;
    if (key == "type") {
      has_type = true;
      if (const auto text = to_text(scalar, below(location, "type"), problems)) image.kind = image_kind(*text);
    } else if (key == "value") {
      image.value = scalar.kind == Scalar::Kind::text ? scalar.text : std::string_view();
    }
  }
  if (!has_type) problems.push_back(make_problem("missing", below(location, "type"), "Field required", {}));
  if (image.kind == ImageKind::url) image = url_image(image.value);
  request.images.push_back(image);
  return simdjson::SUCCESS;
}

constexpr const char* kImageClass = "InferenceRequestImage";
constexpr const char* kImageListClass = "list[InferenceRequestImage]";

void not_an_image(const Scalar& value, const Location& location, Problems& problems) {
  auto problem = make_problem("model_type", location,
                              "Input should be a valid dictionary or instance of InferenceRequestImage", value);
  problem.context_json = R"({"class_name":"InferenceRequestImage"})";
  problems.push_back(std::move(problem));
}

/// An image object, or a list of them.
simdjson::error_code read_images(od::value value, int levels, InferenceRequest& request, Problems& problems) {
  const Location location{"body", "image"};
  od::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  request.images.clear();  // a repeated field: the last one counts
  request.image_is_list = type == od::json_type::array;
  if (type == od::json_type::object)
    return read_image_object(value, below(location, kImageClass), levels, request, problems);
  if (type != od::json_type::array) {
    Scalar scalar;
    if (const auto error = read_scalar(value, scalar, levels)) return error;
    problems.push_back(
        make_problem("list_type", below(location, kImageListClass), "Input should be a valid list", scalar));
    not_an_image(scalar, below(location, kImageClass), problems);
    return simdjson::SUCCESS;
  }
  od::array array;
  if (const auto error = value.get_array().get(array)) return error;
  for (auto item : array) {
    od::value element;
    if (const auto error = std::move(item).get(element)) return error;
    od::json_type element_type{};
    if (const auto error = element.type().get(element_type)) return error;
    const auto here = below(below(location, kImageListClass), static_cast<std::int64_t>(request.images.size()));
    if (element_type == od::json_type::object) {
      if (const auto error = read_image_object(element, here, levels - 1, request, problems)) return error;
      continue;
    }
    Scalar scalar;
    if (const auto error = read_scalar(element, scalar, levels - 1)) return error;
    not_an_image(scalar, here, problems);
    request.images.emplace_back();
  }
  return simdjson::SUCCESS;
}

}  // namespace

ImageKind image_kind(std::string_view type) {
  std::string name(type);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name == "base64") return ImageKind::base64;
  if (name == "url") return ImageKind::url;
  if (name == "numpy") return ImageKind::numpy;
  if (name == "file") return ImageKind::file;
  return ImageKind::unknown;
}

ImageField url_image(std::string_view url) {
  return {url.starts_with("data:image/") ? ImageKind::base64 : ImageKind::url, url};
}

struct InferenceBody::Text {
  JsonText json;
};

InferenceBody::InferenceBody(Route route, std::string body, bool is_json, int max_depth)
    : text_(std::make_unique<Text>(Text{JsonText(std::move(body), max_depth)})) {
  bool has_model = false;
  bool has_image = false;
  text_->json.for_each_field(is_json, problems_, [&](std::string_view name, od::value value) -> simdjson::error_code {
    if (name == "image") {
      has_image = true;
      return read_images(value, max_depth, request_, problems_);
    }
    const std::string key(name);  // the view ends with the next string that is unescaped
    Scalar scalar;
    if (const auto error = read_scalar(value, scalar, max_depth)) return error;
    if (key == "model_id") {
      has_model = true;
      if (auto id = to_text(scalar, {"body", "model_id"}, problems_)) request_.model_id = std::move(*id);
    } else if (key == "id") {
      request_.id = to_text(scalar, {"body", "id"}, problems_);
    } else {
      apply_body_field(route, key, scalar, request_, problems_);
    }
    return simdjson::SUCCESS;
  });
  const bool is_object = problems_.empty() || problems_.front().location != Location{"body"};
  if (!is_object || (!problems_.empty() && problems_.front().type == "json_invalid")) return;
  const auto missing = [&](const char* field) {
    Problem problem{"missing", {"body", field}, "Field required", "{}", {}};
    problems_.insert(problems_.begin(), std::move(problem));
  };
  if (!has_image) missing("image");
  if (!has_model) missing("model_id");
}

InferenceBody::~InferenceBody() = default;
InferenceBody::InferenceBody(InferenceBody&&) noexcept = default;

ModelBody parse_model_body(std::string body, bool is_json, int max_depth) {
  JsonText json(std::move(body), max_depth);
  ModelBody parsed;
  bool has_model = false;
  json.for_each_field(is_json, parsed.problems, [&](std::string_view name, od::value value) -> simdjson::error_code {
    const std::string key(name);
    Scalar scalar;
    if (const auto error = read_scalar(value, scalar, max_depth)) return error;
    const Location location{"body", key};
    if (key == "model_id") {
      has_model = true;
      if (auto id = to_text(scalar, location, parsed.problems)) parsed.model_id = std::move(*id);
    } else if ((key == "api_key" || key == "model_type") && scalar.kind != Scalar::Kind::null) {
      auto text = to_text(scalar, location, parsed.problems);
      if (key == "api_key") parsed.api_key = std::move(text);
    }
    return simdjson::SUCCESS;
  });
  if (!has_model && parsed.problems.empty()) {
    parsed.problems.push_back({"missing", {"body", "model_id"}, "Field required", "{}", {}});
  }
  return parsed;
}

bool is_json_content_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

}  // namespace osprey::api
