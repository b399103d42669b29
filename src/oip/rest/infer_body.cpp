#include "oip/rest/infer_body.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <system_error>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "api/json_value.hpp"
#include "oip/rest/tensor_data.hpp"

namespace osprey::oip {
namespace {

namespace od = simdjson::ondemand;
using Kind = api::Scalar::Kind;

constexpr std::string_view kBinarySize = "binary_data_size";

Error invalid(std::string message) {
  return {Code::invalid_argument, std::move(message)};
}

/// Calls `on_field(name, value)` for each field of an object; it returns a Status.
template <typename OnField>
Status for_each_field(od::value value, std::string_view what, OnField&& on_field) {
  od::json_type type{};
  if (const auto error = value.type().get(type)) return json_error(error);
  if (type != od::json_type::object) return invalid(std::string(what) + " has to be an object");
  od::object object;
  if (const auto error = value.get_object().get(object)) return json_error(error);
  for (auto field : object) {
    od::field one;
    if (const auto error = std::move(field).get(one)) return json_error(error);
    std::string_view name;
    if (const auto error = one.unescaped_key().get(name)) return json_error(error);
    if (Status read = on_field(std::string(name), one.value()); !read) return read;
  }
  return {};
}

template <typename OnItem>
Status for_each_item(od::value value, std::string_view what, OnItem&& on_item) {
  od::json_type type{};
  if (const auto error = value.type().get(type)) return json_error(error);
  if (type != od::json_type::array) return invalid(std::string(what) + " has to be a list");
  od::array list;
  if (const auto error = value.get_array().get(list)) return json_error(error);
  for (auto item : list) {
    od::value one;
    if (const auto error = std::move(item).get(one)) return json_error(error);
    if (Status read = on_item(one); !read) return read;
  }
  return {};
}

Status read_text(od::value value, std::string_view what, int levels, std::string& text) {
  api::Scalar scalar;
  if (const auto error = api::read_scalar(value, scalar, levels)) return json_error(error);
  if (scalar.kind != Kind::text) return invalid(std::string(what) + " has to be a text");
  text = scalar.text;
  return {};
}

Status skip(od::value value, int levels) {
  api::Scalar ignored;
  if (const auto error = api::read_scalar(value, ignored, levels)) return json_error(error);
  return {};
}

Status read_parameters(od::value value, int levels, Parameters& parameters) {
  return for_each_field(value, "'parameters'", [&](const std::string& name, od::value each) -> Status {
    api::Scalar scalar;
    if (const auto error = api::read_scalar(each, scalar, levels - 1)) return json_error(error);
    switch (scalar.kind) {
      case Kind::null: return {};
      case Kind::boolean: parameters.insert_or_assign(name, scalar.boolean); return {};
      case Kind::integer: parameters.insert_or_assign(name, scalar.integer); return {};
      case Kind::number: parameters.insert_or_assign(name, scalar.number); return {};
      case Kind::text: parameters.insert_or_assign(name, std::string(scalar.text)); return {};
      case Kind::list:
      case Kind::object: break;
    }
    return invalid("the parameter '" + name + "' has to be a boolean, a number or a text");
  });
}

Status refuse_shared_memory(const Parameters& parameters) {
  if (!parameters.contains("shared_memory_region")) return {};
  return Error{Code::invalid_argument, "shared memory is not supported; send tensors in the request"};
}

}  // namespace

/// Reads the JSON once, in the order in which it stands.
class InferBody::Parser {
 public:
  Parser(std::string& body, std::size_t json_size, int max_depth, InferRequest& request)
      : body_(body), json_size_(json_size), levels_(max_depth), request_(request) {}

  Status read() {
    // The parser looks at what stands behind the JSON: there must be no bytes of the client's.
    if (json_size_ < body_.size()) json_ = body_.substr(0, json_size_);
    auto& text = json_size_ < body_.size() ? json_ : body_;
    text.reserve(json_size_ + simdjson::SIMDJSON_PADDING);
    od::document document;
    if (const auto error = parser_.iterate(text, text.capacity()).get(document)) return json_error(error);
    od::json_type type{};
    if (const auto error = document.type().get(type)) return json_error(error);
    if (type != od::json_type::object) return invalid("the request has to be an object with a list of inputs");
    od::value value;
    if (const auto error = document.get_value().get(value)) return json_error(error);
    auto read = for_each_field(value, "the request",
                               [this](const std::string& name, od::value each) { return read_field(name, each); });
    if (!read) return read;
    const char* rest = nullptr;
    if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS) return json_error(simdjson::TRAILING_CONTENT);
    return place_binary();
  }

 private:
  Status read_field(const std::string& name, od::value value) {
    if (name == "id") return read_text(value, "'id'", levels_ - 1, request_.id);
    if (name == "parameters") return read_parameters(value, levels_ - 1, request_.parameters);
    if (name == "inputs") {
      request_.inputs.clear();
      return for_each_item(value, "'inputs'", [this](od::value each) { return read_input(each); });
    }
    if (name == "outputs") {
      request_.outputs.clear();
      return for_each_item(value, "'outputs'", [this](od::value each) { return read_output(each); });
    }
    return skip(value, levels_ - 1);
  }

  Status read_output(od::value value) {
    if (request_.outputs.size() == kMaxTensors) return too_many();
    RequestedOutput output;
    auto read = for_each_field(value, "an output", [&](const std::string& name, od::value each) {
      if (name == "name") return read_text(each, "an output's 'name'", levels_ - 3, output.name);
      if (name == "parameters") return read_parameters(each, levels_ - 3, output.parameters);
      return skip(each, levels_ - 3);
    });
    if (!read) return read;
    if (output.name.empty()) return invalid("an output has no name");
    if (auto checked = refuse_shared_memory(output.parameters); !checked) return checked;
    if (output.parameters.contains("classification")) {
      return invalid("the output '" + output.name + "' has the parameter 'classification', which is not supported");
    }
    request_.outputs.push_back(std::move(output));
    return {};
  }

  /// An input while it is read.
  struct Reading {
    InputTensor tensor;
    bool has_datatype = false;
    bool has_shape = false;
    bool has_data = false;
    std::string_view pending;  // JSON of `data` that stood before datatype or shape
  };

  Status read_input(od::value value) {
    if (request_.inputs.size() == kMaxTensors) return too_many();
    Reading input;
    auto read = for_each_field(value, "an input", [&](const std::string& name, od::value each) {
      return read_input_field(name, each, input);
    });
    if (!read) return read;
    auto& tensor = input.tensor;
    if (tensor.name.empty()) return invalid("an input has no name");
    if (!input.has_datatype) return invalid("the input '" + tensor.name + "' has no datatype");
    if (!input.has_shape) return invalid("the input '" + tensor.name + "' has no shape");
    if (auto checked = refuse_shared_memory(tensor.parameters); !checked) return checked;
    if (!input.pending.empty()) {
      if (read = read_pending(input); !read) return read;
    }
    const bool binary = tensor.parameters.contains(kBinarySize);
    if (binary && input.has_data) {
      return invalid("the input '" + tensor.name + "' has both data and binary_data_size");
    }
    if (!binary && !input.has_data) {
      return invalid("the input '" + tensor.name + "' has neither data nor binary_data_size");
    }
    request_.inputs.push_back(std::move(tensor));
    return {};
  }

  Status read_input_field(const std::string& name, od::value value, Reading& input) {
    const int levels = levels_ - 3;
    auto& tensor = input.tensor;
    if (name == "name") return read_text(value, "an input's 'name'", levels, tensor.name);
    if (name == "parameters") return read_parameters(value, levels, tensor.parameters);
    if (name == "datatype") {
      std::string text;
      if (auto read = read_text(value, "an input's 'datatype'", levels, text); !read) return read;
      const auto type = datatype_of(text);
      if (!type) return invalid("the datatype '" + text.substr(0, 40) + "' is none of the protocol's");
      tensor.datatype = *type;
      input.has_datatype = true;
      return {};
    }
    if (name == "shape") return read_shape(value, input);
    if (name != "data") return skip(value, levels);
    if (input.has_data || !input.pending.empty()) return invalid("an input has two fields 'data'");
    if (input.has_datatype && input.has_shape) return read_data(value, input);
    od::json_type type{};
    if (const auto error = value.type().get(type)) return json_error(error);
    if (type != od::json_type::array) return invalid("the data of an input has to be a list");
    od::array list;
    if (const auto error = value.get_array().get(list)) return json_error(error);
    if (const auto error = list.raw_json().get(input.pending)) return json_error(error);
    return {};
  }

  Status read_shape(od::value value, Reading& input) {
    input.tensor.shape.clear();
    input.has_shape = true;
    return for_each_item(value, "an input's 'shape'", [&](od::value each) -> Status {
      api::Scalar scalar;
      if (const auto error = api::read_scalar(each, scalar, levels_ - 4)) return json_error(error);
      if (scalar.kind != Kind::integer) return invalid("an input's 'shape' has to be a list of integers");
      if (input.tensor.shape.size() == kMaxTensors) return invalid("an input's 'shape' has too many dimensions");
      input.tensor.shape.push_back(scalar.integer);
      return {};
    });
  }

  Status read_data(od::value value, Reading& input) {
    auto& tensor = input.tensor;
    const auto count = checked_count(tensor.name, tensor.shape);
    if (!count) return count.error();
    auto data = read_tensor_data(value, tensor.name, tensor.datatype, tensor.shape, *count, levels_ - 3);
    if (!data) return std::move(data).error();
    input.has_data = true;
    if (tensor.datatype == DataType::bytes) {
      tensor.data = Elements{std::move(data->elements), true};
    } else {
      const auto& kept = numbers_.emplace_back(std::move(data->raw));
      tensor.data = std::as_bytes(std::span(kept));
    }
    return {};
  }

  /// `data` that had to wait, from a copy: as above.
  Status read_pending(Reading& input) {
    auto& parser = later_.emplace_back();
    auto& text = texts_.emplace_back(input.pending);
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    od::document document;
    if (const auto error = parser.iterate(text, text.capacity()).get(document)) return json_error(error);
    od::value value;
    if (const auto error = document.get_value().get(value)) return json_error(error);
    return read_data(value, input);
  }

  /// Gives each input in binary form its part of what is behind the JSON.
  Status place_binary() {
    const auto all = std::as_bytes(std::span(body_)).subspan(json_size_);
    std::size_t at = 0;
    for (auto& input : request_.inputs) {
      const auto found = input.parameters.find(kBinarySize);
      if (found != input.parameters.end()) {
        const auto* size = std::get_if<std::int64_t>(&found->second);
        if (size == nullptr || *size < 0) return invalid("binary_data_size has to be a size in bytes");
        if (static_cast<std::uint64_t>(*size) > all.size() - at) {
          return invalid("the input '" + input.name + "' has " + std::to_string(*size) + " bytes of binary data, but " +
                         std::to_string(all.size() - at) +
                         " are left behind the JSON (whose size the header Inference-Header-Content-Length tells)");
        }
        input.data = all.subspan(at, static_cast<std::size_t>(*size));
        at += static_cast<std::size_t>(*size);
      }
      if (auto checked = check_input(input); !checked) return checked;
    }
    if (at != all.size()) {
      return invalid(std::to_string(all.size() - at) + " bytes of binary data belong to no input");
    }
    return {};
  }

  static Error too_many() { return invalid("the request has more than " + std::to_string(kMaxTensors) + " tensors"); }

  std::string& body_;
  std::size_t json_size_;
  int levels_;
  InferRequest& request_;
  std::string json_;  // when binary data follows it
  od::parser parser_;
  std::deque<od::parser> later_;
  std::deque<std::string> texts_;
  std::deque<std::string> numbers_;
};

InferBody::InferBody(std::string body, std::optional<std::string_view> header, int max_depth) : body_(std::move(body)) {
  std::size_t json_size = body_.size();
  if (header) {
    const auto* end = header->data() + header->size();
    const auto read = std::from_chars(header->data(), end, json_size);
    if (read.ec != std::errc() || read.ptr != end || json_size > body_.size()) {
      status_ =
          invalid("the header Inference-Header-Content-Length is '" + std::string(header->substr(0, 40)) +
                  "'; expected the size of the JSON, at most the body's " + std::to_string(body_.size()) + " bytes");
      return;
    }
  }
  if (json_size == 0) {
    status_ = invalid("the request has no JSON");
    return;
  }
  parser_ = std::make_unique<Parser>(body_, json_size, max_depth, request_);
  status_ = parser_->read();
}

InferBody::~InferBody() = default;

bool wants_binary(const InferRequest& request, std::string_view output) {
  const auto flag = [](const Parameters& parameters, std::string_view name) -> std::optional<bool> {
    const auto found = parameters.find(name);
    if (found == parameters.end() || !std::holds_alternative<bool>(found->second)) return std::nullopt;
    return std::get<bool>(found->second);
  };
  const auto named = std::find_if(request.outputs.begin(), request.outputs.end(),
                                  [&](const RequestedOutput& each) { return each.name == output; });
  if (named != request.outputs.end()) {
    if (const auto own = flag(named->parameters, "binary_data")) return *own;
  }
  return flag(request.parameters, "binary_data_output").value_or(false);
}

Result<RepositoryBody> parse_repository_body(std::string body, int max_depth) {
  RepositoryBody parsed;
  if (body.empty()) return parsed;
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  od::parser parser;
  od::document document;
  if (const auto error = parser.iterate(body, body.capacity()).get(document)) return json_error(error);
  od::value value;
  if (const auto error = document.get_value().get(value)) return json_error(error);
  auto read = for_each_field(value, "the request", [&](const std::string& name, od::value each) -> Status {
    if (name == "parameters") return read_parameters(each, max_depth - 1, parsed.parameters);
    api::Scalar scalar;
    if (const auto error = api::read_scalar(each, scalar, max_depth - 1)) return json_error(error);
    if (name == "ready") {
      if (scalar.kind != Kind::boolean) return invalid("'ready' has to be true or false");
      parsed.ready = scalar.boolean;
    }
    return {};
  });
  if (!read) return std::move(read).error();
  return parsed;
}

}  // namespace osprey::oip
