// A server on loopback that answers as the test says, and remembers what it was asked.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <osprey/client.hpp>

#include "http/message.hpp"
#include "running_server.hpp"

namespace osprey::client {

inline http::Response answer_with(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// An answer with one object of class "cat".
inline const std::string kOneCat =
    R"({"inference_id":"i","time":0.5,"image":{"width":8,"height":6},)"
    R"("predictions":[{"x":1,"y":2,"width":3,"height":4,"confidence":0.5,"class":"cat","class_id":7}]})";

/// A model "cats/1", that detects.
inline const std::string kModels = R"({"models":[{"model_id":"cats/1","task_type":"object-detection","input_width":32,)"
                                   R"("input_height":null,"request_aliases":[]}]})";

class ServerStandIn {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;

  /// `infer` answers /infer/...; /model/add and /model/registry tell of kModels.
  explicit ServerStandIn(Answer infer)
      : infer_(std::move(infer)), server_([this](http::Request request, http::Responder respond) {
          take(std::move(request), std::move(respond));
        }) {}

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

  [[nodiscard]] std::vector<http::Request> requests(const std::string& path) {
    const std::lock_guard lock(mutex_);
    std::vector<http::Request> found;
    for (const auto& request : requests_) {
      if (request.path == path) found.push_back(request);
    }
    return found;
  }

  /// Keeps requests to /infer/... without an answer.
  void hold() { holding_ = true; }
  [[nodiscard]] std::size_t held() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  /// Answers those that are held.
  void release() {
    holding_ = false;
    std::vector<std::pair<http::Request, http::Responder>> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (auto& [request, respond] : held) respond(infer_(request));
  }

 private:
  void take(http::Request request, http::Responder respond) {
    const bool is_infer = request.path.starts_with("/infer");
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      if (is_infer && holding_) {
        held_.emplace_back(std::move(request), std::move(respond));
        return;
      }
    }
    respond(is_infer ? infer_(request) : answer_with(200, kModels));
  }

  Answer infer_;
  std::atomic<bool> holding_{false};
  std::mutex mutex_;  // guards both below
  std::vector<http::Request> requests_;
  std::vector<std::pair<http::Request, http::Responder>> held_;
  http::RunningServer server_;
};

/// Options with pauses that a test can wait for.
inline Options options_for(const ServerStandIn& server) {
  Options options;
  options.url = server.url();
  options.retries.first_pause = std::chrono::milliseconds(1);
  return options;
}

inline Client client_for(const Options& options) {
  auto client = Client::create(options);
  EXPECT_TRUE(client) << client.error().message;
  return std::move(client).value();
}

/// Something to send; the stand-ins do not look at it.
inline Image any_image() {
  return Image::from_url("http://example.org/cat.jpg");
}

}  // namespace osprey::client
