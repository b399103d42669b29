// A client of an inference server (Osprey, or another that speaks the same HTTP API).
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include <osprey/client/export.hpp>
#include <osprey/client/image.hpp>
#include <osprey/client/options.hpp>
#include <osprey/client/prediction.hpp>
#include <osprey/client/request.hpp>
#include <osprey/client/result.hpp>

namespace osprey::client {

/// Asks one server. All calls are thread-safe; connections are kept between them. Its end cancels what is under way and
/// waits for it: no callback runs afterwards.
///
///     auto client = osprey::client::Client::create({.url = "http://localhost:9001"});
///     auto found = client->infer(osprey::client::Image::from_file("cat.jpg"), "emoji-detection/1");
///     if (!found) return fail(found.error().message);
///     for (const auto& detection : found->detections) print(detection.class_name, detection.confidence);
class OSPREY_CLIENT_API Client {
 public:
  using Completion = std::function<void(Result<Prediction>)>;
  using BatchCompletion = std::function<void(Result<std::vector<Prediction>>)>;

  /// Connects to nothing yet. Errors: invalid_argument for a URL that is none, or an option out of range.
  [[nodiscard]] static Result<Client> create(Options options);
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;

  /// The predictions for one image. Blocks. Errors: all kinds.
  [[nodiscard]] Result<Prediction> infer(const Image& image, std::string_view model_id,
                                         const InferOptions& options = {});
  /// The predictions for each of several images, sent as one request; they fail together.
  [[nodiscard]] Result<std::vector<Prediction>> infer(std::span<const Image> images, std::string_view model_id,
                                                      const InferOptions& options = {});

  /// The same without waiting for the answer. The request is made before it returns (files are read, pixels copied);
  /// it blocks while Options::max_waiting calls wait for a connection.
  [[nodiscard]] std::future<Result<Prediction>> infer_async(const Image& image, std::string_view model_id,
                                                            const InferOptions& options = {});
  [[nodiscard]] std::future<Result<std::vector<Prediction>>> infer_async(std::span<const Image> images,
                                                                         std::string_view model_id,
                                                                         const InferOptions& options = {});
  /// `done` is called exactly once, on a thread of the client (before this returns, where the request cannot be made).
  /// It must not throw. It may call this client; a callback that makes a call does not block for want of room.
  void infer_async(const Image& image, std::string_view model_id, const InferOptions& options, Completion done);
  void infer_async(std::span<const Image> images, std::string_view model_id, const InferOptions& options,
                   BatchCompletion done);

  /// The request for these images, to be sent any number of times. Asks the server for the model's task unless the
  /// options tell it or it is known already.
  [[nodiscard]] Result<Request> prepare(std::span<const Image> images, std::string_view model_id,
                                        const InferOptions& options = {});
  /// Sends a request that prepare() or make_request() made. Blocks.
  [[nodiscard]] Result<std::vector<Prediction>> send(const Request& request, const std::stop_token& stop = {});
  /// The same without waiting; as infer_async.
  void send_async(Request request, BatchCompletion done, std::stop_token stop = {});

  /// Who answers there.
  [[nodiscard]] Result<ServerInfo> server_info();
  /// Whether the server says that it is ready. Errors: those of not reaching it.
  [[nodiscard]] Result<bool> ready();
  /// The models in the server's memory.
  [[nodiscard]] Result<std::vector<Model>> list_models();
  /// Has the server load a model, where it has not; that can take long. Errors: not_found, and others.
  [[nodiscard]] Result<Model> load_model(std::string_view model_id);
  /// Has the server unload a model; one that is not loaded is no error.
  [[nodiscard]] Result<std::vector<Model>> unload_model(std::string_view model_id);
  /// Has the server unload all models.
  [[nodiscard]] Result<std::vector<Model>> unload_all_models();

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace osprey::client
