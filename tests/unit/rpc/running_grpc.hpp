// A gRPC server on a free port of loopback, the backend that a test gives it, and a client that sends what bytes it
// likes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <open_inference.pb.h>

#include "rpc/grpc/grpc_server.hpp"

namespace osprey::rpc {

/// Answers inference with an output that holds the first input's bytes; each function may be replaced.
class FakeBackend final : public Backend {
 public:
  using Infer = std::function<void(std::shared_ptr<const oip::InferRequest>, Completion<oip::InferAnswer>)>;

  bool is_ready = true;
  std::string key;                        ///< empty: none is needed
  Duration time = std::chrono::hours(1);  ///< that a request may take
  Status admits;                          ///< an error: everything is refused with it
  Infer infer_with = [](const auto& request, auto completion) { completion(echo(*request)); };

  static oip::InferAnswer echo(const oip::InferRequest& request) {
    oip::InferAnswer answer;
    answer.model_name = request.model.name;
    answer.id = request.id;
    for (const auto& input : request.inputs) {
      const auto data = std::get<oip::RawData>(input.data);
      answer.outputs.push_back({input.name, input.datatype, input.shape,
                                std::string(reinterpret_cast<const char*>(data.data()), data.size())});
    }
    return answer;
  }

  [[nodiscard]] bool live() const override { return true; }
  [[nodiscard]] bool ready() const override { return is_ready; }
  [[nodiscard]] oip::ServerMetadata server_metadata() const override {
    return {"fake", "1", {"binary_tensor_data", "model_repository"}};
  }
  [[nodiscard]] Result<std::string> authorize(std::string_view given) const override {
    if (!key.empty() && given != key) return Error{Code::unauthenticated, "no such key"};
    return std::string(given);
  }
  [[nodiscard]] TimePoint deadline() const override { return now() + time; }
  void admit(CancelToken /*cancel*/, TimePoint /*deadline*/, std::function<void()> work,
             std::function<void(Error)> refused) override {
    if (!admits) return refused(admits.error());
    work();
  }
  [[nodiscard]] Result<bool> model_ready(const oip::ModelName& model) const override { return model.name == "cats"; }
  void model_metadata(const oip::ModelName& model, std::string_view /*key*/,
                      Completion<oip::ModelMetadata> completion) override {
    if (model.name != "cats") return completion(Error{Code::not_found, "no model '" + model.name + "'"});
    oip::ModelMetadata metadata;
    metadata.name = model.name;
    metadata.versions = {"1", "2"};
    metadata.platform = "osprey_tensor";
    metadata.backend = "fake";
    metadata.max_batch_size = 16;
    metadata.inputs = {{"images", oip::DataType::fp32, {-1, 3, 8, 8}}};
    metadata.outputs = {{"text", oip::DataType::bytes, {-1}}};
    completion(std::move(metadata));
  }
  void infer(std::shared_ptr<const oip::InferRequest> request, Completion<oip::InferAnswer> completion) override {
    infer_with(std::move(request), std::move(completion));
  }
  [[nodiscard]] std::vector<oip::IndexEntry> repository_index(bool ready) const override {
    std::vector<oip::IndexEntry> index{{"cats", "1", oip::IndexEntry::State::ready, ""}};
    if (!ready) index.push_back({"dogs", "2", oip::IndexEntry::State::loadable, "loaded on first use"});
    return index;
  }
  void load(const oip::ModelName& model, std::string_view /*key*/, Completion<void> completion) override {
    completion(model.name == "cats" ? Status() : Status(Error{Code::not_found, "no such model"}));
  }
  [[nodiscard]] Status unload(const oip::ModelName& model) override {
    return model.name.empty() ? Status(Error{Code::invalid_argument, "no name"}) : Status();
  }
  [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
  void answered(std::string_view method, std::string_view status, double /*seconds*/) override {
    const std::lock_guard lock(mutex_);
    answered_.push_back(std::string(method) + " " + std::string(status));
  }
  /// What answered() was told, in order.
  [[nodiscard]] std::vector<std::string> told() const {
    const std::lock_guard lock(mutex_);
    return answered_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> answered_;
};

/// How a call is made.
struct CallOptions {
  std::chrono::milliseconds timeout{20'000};
  std::vector<std::pair<std::string, std::string>> metadata = {};
  grpc_compression_algorithm compression = GRPC_COMPRESS_NONE;
};

struct Reply {
  ::grpc::Status status;
  std::string bytes;
  std::multimap<std::string, std::string> trailers;
  template <typename Message>
  [[nodiscard]] Message as() const {
    Message message;
    EXPECT_TRUE(message.ParseFromString(bytes));
    return message;
  }
};

inline std::string text_of(const ::grpc::ByteBuffer& buffer) {
  std::vector<::grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const auto& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}
inline ::grpc::ByteBuffer buffer_of(const std::string& text) {
  const ::grpc::Slice slice(text);
  return {&slice, 1};
}

/// The path of a method of the protocol.
inline std::string method(const std::string& name) {
  return "/inference.GRPCInferenceService/" + name;
}

class Client {
 public:
  explicit Client(std::uint16_t port, const std::shared_ptr<::grpc::ChannelCredentials>& credentials =
                                          ::grpc::InsecureChannelCredentials()) {
    ::grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetMaxReceiveMessageSize(-1);
    channel_ = ::grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), credentials, arguments);
  }

  [[nodiscard]] Reply call(const std::string& path, const std::string& bytes, const CallOptions& options = {}) const {
    ::grpc::ClientContext context;
    prepare(context, options);
    ::grpc::GenericStub stub(channel_);
    const auto request = buffer_of(bytes);
    ::grpc::ByteBuffer response;
    std::promise<::grpc::Status> done;
    stub.UnaryCall(&context, path, {}, &request, &response,
                   [&](::grpc::Status status) { done.set_value(std::move(status)); });
    Reply reply;
    reply.status = done.get_future().get();
    reply.bytes = text_of(response);
    for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
      reply.trailers.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
    }
    return reply;
  }
  template <typename Message>
  [[nodiscard]] Reply ask(const std::string& name, const Message& message, const CallOptions& options = {}) const {
    return call(method(name), message.SerializeAsString(), options);
  }

  static void prepare(::grpc::ClientContext& context, const CallOptions& options) {
    context.set_deadline(std::chrono::system_clock::now() + options.timeout);
    context.set_compression_algorithm(options.compression);
    for (const auto& [key, value] : options.metadata) context.AddMetadata(key, value);
  }
  [[nodiscard]] const std::shared_ptr<::grpc::Channel>& channel() const { return channel_; }

 private:
  std::shared_ptr<::grpc::Channel> channel_;
};

/// A stream whose steps are waited for.
class Stream {
 public:
  Stream(const Client& client, const std::string& path, const CallOptions& options = {}) {
    Client::prepare(context_, options);
    ::grpc::GenericStub stub(client.channel());
    call_ = stub.PrepareCall(&context_, path, &queue_);
    call_->StartCall(this);
    started_ = next();
  }
  ~Stream() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool write(const std::string& bytes) {
    call_->Write(buffer_of(bytes), this);
    return next();
  }
  /// The next message; none at the end.
  std::optional<std::string> read() {
    ::grpc::ByteBuffer bytes;
    call_->Read(&bytes, this);
    if (!next()) return std::nullopt;
    return text_of(bytes);
  }
  void writes_done() {
    call_->WritesDone(this);
    (void)next();
  }
  ::grpc::Status finish() {
    ::grpc::Status status;
    call_->Finish(&status, this);
    (void)next();
    return status;
  }
  void cancel() { context_.TryCancel(); }

 private:
  bool next() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }
  ::grpc::ClientContext context_;
  ::grpc::CompletionQueue queue_;
  std::unique_ptr<::grpc::GenericClientAsyncReaderWriter> call_;
  bool started_ = false;
};

/// A server with a FakeBackend.
class RunningGrpc {
 public:
  explicit RunningGrpc(const std::function<void(ServerOptions&)>& change = {}) {
    ServerOptions options;
    options.host = "127.0.0.1";
    options.port = 0;
    if (change) change(options);
    auto made = GrpcServer::create(options, backend, make_null_log());
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    if (made) server = std::move(made).value();
  }
  [[nodiscard]] Client client() const { return Client(server->port()); }

  FakeBackend backend;
  std::unique_ptr<Server> server;
};

/// A request with one input of bytes.
inline inference::ModelInferRequest infer_request(const std::string& data = "abc") {
  inference::ModelInferRequest request;
  request.set_model_name("cats");
  request.set_id("7");
  auto& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("UINT8");
  input.add_shape(static_cast<std::int64_t>(data.size()));
  request.add_raw_input_contents(data);
  return request;
}

/// Whether it becomes so within some seconds.
inline bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 1000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return holds();
}

}  // namespace osprey::rpc
