#include "rpc/grpc/methods.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include <grpcpp/impl/codegen/config_protobuf.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <health.pb.h>
#include <open_inference.pb.h>

#include "rpc/grpc/infer_message.hpp"
#include "rpc/grpc/message_size.hpp"

namespace osprey::rpc {
namespace {

using namespace inference;  // NOLINT: the messages, of which there are many

// Of all messages but those for inference: names and switches.
constexpr std::size_t kMaxSmallMessage = std::size_t{64} << 10;
constexpr std::string_view kService = "inference.GRPCInferenceService";

Error unreadable() {
  return {Code::invalid_argument, "the message cannot be read: its bytes are not what this method takes"};
}

template <typename Request>
Result<Request> read_small(Message& message) {
  if (message.bytes.Length() > kMaxSmallMessage) {
    return Error{Code::payload_too_large, "the message has " + std::to_string(message.bytes.Length()) +
                                              " bytes; at most " + std::to_string(kMaxSmallMessage) +
                                              " are taken by this method"};
  }
  Request request;
  ::grpc::ProtoBufferReader reader(&message.bytes);
  if (!request.ParseFromZeroCopyStream(&reader)) return unreadable();
  return request;
}

template <typename Response>
::grpc::ByteBuffer bytes_of(const Response& response) {
  const ::grpc::Slice slice(response.SerializeAsString());
  return {&slice, 1};
}

/// Runs `work` on a compute thread; what refuses it is the answer.
void admit(const MethodContext& context, const Message& message, const Answer& answer, std::function<void()> work) {
  context.backend.admit(message.cancel, message.deadline, std::move(work),
                        [answer](Error why) { answer(std::move(why)); });
}

void server_live(const MethodContext& context, std::shared_ptr<Message> /*message*/, const Answer& answer) {
  ServerLiveResponse response;
  response.set_live(context.backend.live());
  answer(bytes_of(response));
}

void server_ready(const MethodContext& context, std::shared_ptr<Message> /*message*/, const Answer& answer) {
  ServerReadyResponse response;
  response.set_ready(context.backend.ready());
  answer(bytes_of(response));
}

void server_metadata(const MethodContext& context, std::shared_ptr<Message> /*message*/, const Answer& answer) {
  auto metadata = context.backend.server_metadata();
  ServerMetadataResponse response;
  response.set_name(std::move(metadata.name));
  response.set_version(std::move(metadata.version));
  for (const auto& extension : metadata.extensions) {
    // Of the other wire: there all tensors are binary here.
    if (extension != "binary_tensor_data") response.add_extensions(extension);
  }
  answer(bytes_of(response));
}

void health_check(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer) {
  using ::grpc::health::v1::HealthCheckResponse;
  auto request = read_small<::grpc::health::v1::HealthCheckRequest>(*message);
  if (!request) return answer(std::move(request).error());
  if (!request->service().empty() && request->service() != kService) {
    return answer(Error{Code::not_found, "this server has no service of that name; it has " + std::string(kService)});
  }
  HealthCheckResponse response;
  response.set_status(context.backend.ready() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING);
  answer(bytes_of(response));
}

void model_ready(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer) {
  auto request = read_small<ModelReadyRequest>(*message);
  if (!request) return answer(std::move(request).error());
  const auto ready = context.backend.model_ready({request->name(), request->version()});
  if (!ready) return answer(ready.error());
  ModelReadyResponse response;
  response.set_ready(*ready);
  answer(bytes_of(response));
}

::grpc::ByteBuffer metadata_response(oip::ModelMetadata metadata) {
  ModelMetadataResponse response;
  response.set_name(std::move(metadata.name));
  response.set_platform(std::move(metadata.platform));
  for (auto& version : metadata.versions) response.add_versions(std::move(version));
  const auto tell = [](oip::TensorMetadata& tensor, ModelMetadataResponse::TensorMetadata& told) {
    told.set_name(std::move(tensor.name));
    told.set_datatype(std::string(oip::to_string(tensor.datatype)));
    told.mutable_shape()->Add(tensor.shape.begin(), tensor.shape.end());
  };
  for (auto& input : metadata.inputs) tell(input, *response.add_inputs());
  for (auto& output : metadata.outputs) tell(output, *response.add_outputs());
  return bytes_of(response);
}

DataType config_type(oip::DataType type) {
  switch (type) {
    case oip::DataType::boolean: return TYPE_BOOL;
    case oip::DataType::uint8: return TYPE_UINT8;
    case oip::DataType::uint16: return TYPE_UINT16;
    case oip::DataType::uint32: return TYPE_UINT32;
    case oip::DataType::uint64: return TYPE_UINT64;
    case oip::DataType::int8: return TYPE_INT8;
    case oip::DataType::int16: return TYPE_INT16;
    case oip::DataType::int32: return TYPE_INT32;
    case oip::DataType::int64: return TYPE_INT64;
    case oip::DataType::fp16: return TYPE_FP16;
    case oip::DataType::fp32: return TYPE_FP32;
    case oip::DataType::fp64: return TYPE_FP64;
    case oip::DataType::bytes: return TYPE_STRING;
  }
  return TYPE_INVALID;
}

::grpc::ByteBuffer config_response(oip::ModelMetadata metadata) {
  ModelConfigResponse response;
  auto& config = *response.mutable_config();
  config.set_name(std::move(metadata.name));
  config.set_platform(std::move(metadata.platform));
  config.set_backend(std::move(metadata.backend));
  config.set_max_batch_size(static_cast<std::int32_t>(
      std::min<std::size_t>(metadata.max_batch_size, std::numeric_limits<std::int32_t>::max())));
  const bool batched = metadata.max_batch_size > 0;
  const auto tell = [batched](oip::TensorMetadata& tensor, auto& told) {
    told.set_name(std::move(tensor.name));
    told.set_data_type(config_type(tensor.datatype));
    // With a batch size the first dimension goes without saying.
    const auto shape = std::span(tensor.shape).subspan(batched && !tensor.shape.empty() ? 1 : 0);
    told.mutable_dims()->Add(shape.begin(), shape.end());
  };
  for (auto& input : metadata.inputs) tell(input, *config.add_input());
  for (auto& output : metadata.outputs) tell(output, *config.add_output());
  return bytes_of(response);
}

/// For both methods that tell what a model is; their requests are alike.
template <::grpc::ByteBuffer (*kRespond)(oip::ModelMetadata)>
void model_metadata(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer) {
  auto request = read_small<ModelMetadataRequest>(*message);
  if (!request) return answer(std::move(request).error());
  oip::ModelName model{request->name(), request->version()};
  admit(context, *message, answer, [&backend = context.backend, message, model = std::move(model), answer] {
    backend.model_metadata(model, message->api_key, [answer](Result<oip::ModelMetadata> metadata) {
      if (!metadata) return answer(std::move(metadata).error());
      answer(kRespond(std::move(metadata).value()));
    });
  });
}

void repository_index(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer) {
  auto request = read_small<RepositoryIndexRequest>(*message);
  if (!request) return answer(std::move(request).error());
  if (!request->repository_name().empty()) {
    return answer(Error{Code::unsupported, "this server has one repository; leave repository_name empty"});
  }
  admit(context, *message, answer, [&backend = context.backend, ready = request->ready(), answer] {
    RepositoryIndexResponse response;
    for (auto& entry : backend.repository_index(ready)) {
      auto& told = *response.add_models();
      told.set_name(std::move(entry.name));
      told.set_version(std::move(entry.version));
      told.set_state(entry.state == oip::IndexEntry::State::ready ? "READY" : "UNAVAILABLE");
      told.set_reason(std::move(entry.reason));
    }
    answer(bytes_of(response));
  });
}

void model_load(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer) {
  auto request = read_small<RepositoryModelLoadRequest>(*message);
  if (!request) return answer(std::move(request).error());
  if (!request->repository_name().empty() || !request->parameters().empty()) {
    return answer(Error{Code::unsupported,
                        "a model is loaded as it lies in this server's one repository; leave repository_name and "
                        "parameters empty"});
  }
  admit(context, *message, answer, [&backend = context.backend, message, name = request->model_name(), answer] {
    backend.load({name}, message->api_key, [answer](const Status& loaded) {
      if (!loaded) return answer(loaded.error());
      answer(bytes_of(RepositoryModelLoadResponse()));
    });
  });
}

void model_unload(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer) {
  auto request = read_small<RepositoryModelUnloadRequest>(*message);
  if (!request) return answer(std::move(request).error());
  if (!request->repository_name().empty()) {
    return answer(Error{Code::unsupported, "this server has one repository; leave repository_name empty"});
  }
  // Its parameters say what to do with models that depend on this one: there are none.
  admit(context, *message, answer, [&backend = context.backend, name = request->model_name(), answer] {
    const auto unloaded = backend.unload({name});
    if (!unloaded) return answer(unloaded.error());
    answer(bytes_of(RepositoryModelUnloadResponse()));
  });
}

/// On a compute thread: the message's bytes as the core's request.
Result<std::shared_ptr<oip::InferRequest>> read_infer(Message& message, std::size_t limit, ByteBudget& budget) {
  std::size_t size = 0;
  {
    ::grpc::ProtoBufferReader reader(&message.bytes);
    // Beside a limit for large messages: what every small one takes.
    const auto counted = infer_request_size(reader, limit + kMaxSmallMessage);
    if (!counted) return counted.error();
    size = *counted;
  }
  auto share = budget.take(size);
  if (!share) return std::move(share).error();
  auto read = std::make_shared<InferMessage>();
  read->share = std::move(share).value();
  {
    ::grpc::ProtoBufferReader reader(&message.bytes);
    if (!read->message.ParseFromZeroCopyStream(&reader)) return unreadable();
  }
  message.bytes.Clear();  // so that it is not held twice
  message.share = {};
  auto request = to_request(std::move(read));
  if (!request) return std::move(request).error();
  request->api_key = message.api_key;
  request->request_path = message.path;
  request->cancel = message.cancel;
  request->deadline = message.deadline;
  request->started = message.started;
  return std::make_shared<oip::InferRequest>(std::move(request).value());
}

using InferDone = std::function<void(Result<oip::InferAnswer>, std::string_view id)>;

void infer(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer, InferDone done) {
  admit(context, *message, answer, [&context, message, done = std::move(done)] {
    auto request = read_infer(*message, context.limits.message_bytes, context.budget);
    if (!request) return done(std::move(request).error(), {});
    context.backend.infer(
        *request, [done, id = (*request)->id](Result<oip::InferAnswer> result) { done(std::move(result), id); });
  });
}

void model_infer(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer) {
  infer(context, std::move(message), answer, [answer](Result<oip::InferAnswer> result, std::string_view /*id*/) {
    if (!result) return answer(std::move(result).error());
    answer(to_response(std::move(result).value()));
  });
}

void model_stream_infer(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer) {
  // Whatever fails is told within the stream, which goes on.
  const Answer told([answer](Result<::grpc::ByteBuffer> result) {
    answer(result ? std::move(result) : to_stream_response(result.error(), {}));
  });
  infer(context, std::move(message), told, [told](Result<oip::InferAnswer> result, std::string_view id) {
    told(result ? to_stream_response(std::move(result).value()) : to_stream_response(result.error(), id));
  });
}

constexpr std::array<Method, 12> kMethods{{
    {"/inference.GRPCInferenceService/ModelInfer", "ModelInfer", model_infer},
    {"/inference.GRPCInferenceService/ModelStreamInfer", "ModelStreamInfer", model_stream_infer, false, true},
    {"/inference.GRPCInferenceService/ServerLive", "ServerLive", server_live, true},
    {"/inference.GRPCInferenceService/ServerReady", "ServerReady", server_ready, true},
    {"/inference.GRPCInferenceService/ServerMetadata", "ServerMetadata", server_metadata, true},
    {"/inference.GRPCInferenceService/ModelReady", "ModelReady", model_ready},
    {"/inference.GRPCInferenceService/ModelMetadata", "ModelMetadata", model_metadata<metadata_response>},
    {"/inference.GRPCInferenceService/ModelConfig", "ModelConfig", model_metadata<config_response>},
    {"/inference.GRPCInferenceService/RepositoryIndex", "RepositoryIndex", repository_index},
    {"/inference.GRPCInferenceService/RepositoryModelLoad", "RepositoryModelLoad", model_load},
    {"/inference.GRPCInferenceService/RepositoryModelUnload", "RepositoryModelUnload", model_unload},
    {"/grpc.health.v1.Health/Check", "Check", health_check, true},
}};

}  // namespace

const Method* find_method(std::string_view path) {
  const auto* found =
      std::find_if(kMethods.begin(), kMethods.end(), [&](const auto& each) { return each.path == path; });
  return found == kMethods.end() ? nullptr : found;
}

}  // namespace osprey::rpc
