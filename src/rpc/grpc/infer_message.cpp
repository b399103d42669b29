#include "rpc/grpc/infer_message.hpp"

#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include <google/protobuf/io/coded_stream.h>

namespace osprey::rpc {
namespace {

using inference::InferParameter;
using inference::InferTensorContents;
using oip::DataType;

using ParameterMap = google::protobuf::Map<std::string, InferParameter>;

Result<oip::Parameters> to_parameters(const ParameterMap& map) {
  oip::Parameters parameters;
  for (const auto& [name, value] : map) {
    switch (value.parameter_choice_case()) {
      case InferParameter::kBoolParam: parameters[name] = value.bool_param(); break;
      case InferParameter::kInt64Param: parameters[name] = value.int64_param(); break;
      case InferParameter::kStringParam: parameters[name] = value.string_param(); break;
      case InferParameter::kDoubleParam: parameters[name] = value.double_param(); break;
      case InferParameter::kUint64Param:
        if (value.uint64_param() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
          return Error{Code::invalid_argument, "the parameter '" + name + "' is larger than any that is taken"};
        }
        parameters[name] = static_cast<std::int64_t>(value.uint64_param());
        break;
      case InferParameter::PARAMETER_CHOICE_NOT_SET:
        return Error{Code::invalid_argument, "the parameter '" + name + "' has no value"};
    }
  }
  return parameters;
}

void set_parameters(const oip::Parameters& parameters, ParameterMap& map) {
  for (const auto& [name, value] : parameters) {
    auto& target = map[name];
    if (const auto* flag = std::get_if<bool>(&value)) {
      target.set_bool_param(*flag);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      target.set_int64_param(*number);
    } else if (const auto* real = std::get_if<double>(&value)) {
      target.set_double_param(*real);
    } else {
      target.set_string_param(std::get<std::string>(value));
    }
  }
}

/// The elements as values of T, one after the other; none where one is out of T's range.
template <typename T, typename Field>
std::optional<std::string> packed(const Field& elements) {
  std::string data;
  data.resize(static_cast<std::size_t>(elements.size()) * sizeof(T));
  char* target = data.data();
  for (const auto element : elements) {
    const T value = static_cast<T>(element);
    if constexpr (std::is_integral_v<T> && sizeof(T) < sizeof(element)) {
      if (static_cast<decltype(element)>(value) != element) return std::nullopt;
    }
    std::memcpy(target, &value, sizeof(T));
    target += sizeof(T);
  }
  return data;
}

/// The elements of a tensor whose type is none of bytes. None: it has none of its type's, or they do not fit in it.
std::optional<std::string> raw_form(DataType type, const InferTensorContents& contents) {
  switch (type) {
    case DataType::boolean: return packed<std::uint8_t>(contents.bool_contents());
    case DataType::uint8: return packed<std::uint8_t>(contents.uint_contents());
    case DataType::uint16: return packed<std::uint16_t>(contents.uint_contents());
    case DataType::uint32: return packed<std::uint32_t>(contents.uint_contents());
    case DataType::uint64: return packed<std::uint64_t>(contents.uint64_contents());
    case DataType::int8: return packed<std::int8_t>(contents.int_contents());
    case DataType::int16: return packed<std::int16_t>(contents.int_contents());
    case DataType::int32: return packed<std::int32_t>(contents.int_contents());
    case DataType::int64: return packed<std::int64_t>(contents.int64_contents());
    case DataType::fp32: return packed<float>(contents.fp32_contents());
    case DataType::fp64: return packed<double>(contents.fp64_contents());
    case DataType::fp16: return std::nullopt;
    case DataType::bytes: return std::nullopt;
  }
  return std::nullopt;
}

Error wrong(std::string_view input, std::string_view what) {
  return {Code::invalid_argument, "the input '" + std::string(input) + "' " + std::string(what)};
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Sets an input's data from its own contents; what has to be converted for it is kept by `message`.
Status set_contents(const inference::ModelInferRequest::InferInputTensor& sent, InferMessage& message,
                    oip::InputTensor& input) {
  if (input.datatype == DataType::bytes) {
    oip::Elements elements;
    for (const auto& element : sent.contents().bytes_contents()) elements.values.emplace_back(element);
    input.data = std::move(elements);
    return {};
  }
  if (input.datatype == DataType::fp16) return wrong(sent.name(), "is FP16, which comes as raw_input_contents only");
  auto data = raw_form(input.datatype, sent.contents());
  if (!data) return wrong(sent.name(), "has elements that are out of the range of " + sent.datatype());
  message.converted.push_back(std::move(*data));
  input.data = bytes_of(message.converted.back());
  return {};
}

Result<oip::InputTensor> to_input(const inference::ModelInferRequest::InferInputTensor& sent) {
  const auto datatype = oip::datatype_of(sent.datatype());
  if (!datatype) {
    return wrong(sent.name(), "has the datatype '" + sent.datatype() +
                                  "'; expected BOOL, UINT8 to UINT64, INT8 to "
                                  "INT64, FP16, FP32, FP64 or BYTES");
  }
  auto parameters = to_parameters(sent.parameters());
  if (!parameters) return std::move(parameters).error();
  oip::InputTensor input;
  input.name = sent.name();
  input.datatype = *datatype;
  input.shape.assign(sent.shape().begin(), sent.shape().end());
  input.parameters = std::move(parameters).value();
  return input;
}

/// Sets the inputs of `request` from the message.
Status set_inputs(InferMessage& message, oip::InferRequest& request) {
  const auto& sent = message.message;
  const bool is_raw = sent.raw_input_contents_size() > 0;
  if (is_raw && sent.raw_input_contents_size() != sent.inputs_size()) {
    return Error{Code::invalid_argument, "the request has " + std::to_string(sent.inputs_size()) + " inputs, but " +
                                             std::to_string(sent.raw_input_contents_size()) +
                                             " raw_input_contents; expected one for each"};
  }
  message.converted.reserve(static_cast<std::size_t>(sent.inputs_size()));  // so that views of them stay
  for (int i = 0; i < sent.inputs_size(); ++i) {
    auto input = to_input(sent.inputs(i));
    if (!input) return std::move(input).error();
    if (!is_raw) {
      if (auto set = set_contents(sent.inputs(i), message, *input); !set) return set;
    } else if (sent.inputs(i).has_contents()) {
      return wrong(sent.inputs(i).name(), "has contents beside the request's raw_input_contents; expected one of them");
    } else {
      input->data = bytes_of(sent.raw_input_contents(i));
    }
    request.inputs.push_back(std::move(input).value());
  }
  return {};
}

::grpc::Slice slice_of(std::string text) {
  auto owned = std::make_unique<std::string>(std::move(text));
  void* data = owned->data();
  const std::size_t size = owned->size();
  return {data, size, [](void* held) { delete static_cast<std::string*>(held); }, owned.release()};
}

/// The head of a field that holds `size` bytes.
std::string field_head(std::uint32_t number, std::size_t size) {
  using google::protobuf::io::CodedOutputStream;
  constexpr std::uint32_t kLengthDelimited = 2;
  std::uint8_t bytes[20];
  auto* end = CodedOutputStream::WriteTagToArray((number << 3U) | kLengthDelimited, bytes);
  end = CodedOutputStream::WriteVarint64ToArray(size, end);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(end - bytes)};
}

/// A ModelInferResponse in parts: all but the data first, then each output's as it is.
std::vector<::grpc::Slice> response_parts(oip::InferAnswer answer) {
  inference::ModelInferResponse head;
  head.set_model_name(std::move(answer.model_name));
  head.set_model_version(std::move(answer.model_version));
  head.set_id(std::move(answer.id));
  set_parameters(answer.parameters, *head.mutable_parameters());
  for (auto& output : answer.outputs) {
    auto& told = *head.add_outputs();
    told.set_name(std::move(output.name));
    told.set_datatype(std::string(oip::to_string(output.datatype)));
    told.mutable_shape()->Add(output.shape.begin(), output.shape.end());
  }
  std::vector<::grpc::Slice> parts;
  parts.push_back(slice_of(head.SerializeAsString()));
  for (auto& output : answer.outputs) {
    parts.push_back(
        slice_of(field_head(inference::ModelInferResponse::kRawOutputContentsFieldNumber, output.data.size())));
    parts.push_back(slice_of(std::move(output.data)));
  }
  return parts;
}

}  // namespace

Result<oip::InferRequest> to_request(std::shared_ptr<InferMessage> message) {
  const auto& sent = message->message;
  auto parameters = to_parameters(sent.parameters());
  if (!parameters) return std::move(parameters).error();
  oip::InferRequest request{.model = {sent.model_name(), sent.model_version()},
                            .id = sent.id(),
                            .parameters = std::move(parameters).value(),
                            .inputs = {}};
  if (auto set = set_inputs(*message, request); !set) return std::move(set).error();
  for (const auto& output : sent.outputs()) {
    auto its_parameters = to_parameters(output.parameters());
    if (!its_parameters) return std::move(its_parameters).error();
    request.outputs.push_back({output.name(), std::move(its_parameters).value()});
  }
  request.keep_alive = std::move(message);
  return request;
}

::grpc::ByteBuffer to_response(oip::InferAnswer answer) {
  const auto parts = response_parts(std::move(answer));
  return {parts.data(), parts.size()};
}

::grpc::ByteBuffer to_stream_response(oip::InferAnswer answer) {
  auto parts = response_parts(std::move(answer));
  std::size_t size = 0;
  for (const auto& part : parts) size += part.size();
  parts.insert(parts.begin(),
               slice_of(field_head(inference::ModelStreamInferResponse::kInferResponseFieldNumber, size)));
  return {parts.data(), parts.size()};
}

::grpc::ByteBuffer to_stream_response(const Error& error, std::string_view id) {
  inference::ModelStreamInferResponse response;
  response.set_error_message(error.message);
  response.mutable_infer_response()->set_id(std::string(id));
  const auto part = slice_of(response.SerializeAsString());
  return {&part, 1};
}

}  // namespace osprey::rpc
