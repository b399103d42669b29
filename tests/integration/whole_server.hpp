// The whole server in this process, on a free port, with fake detectors "fake/1" and "fake/2".
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "fake_models.hpp"
#include "image/encode.hpp"
#include "running_server.hpp"
#include "server/routes.hpp"

namespace osprey {

using Json = nlohmann::ordered_json;

/// A grey picture as PNG in base64.
inline std::string picture(std::uint8_t level, int width = 64, int height = 48) {
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width * height), level);
  const auto bytes = image::encode_png_grey(pixels, {width, height});
  std::string text;
  append_base64(*bytes, text);
  return text;
}

class WholeServer {
 public:
  static constexpr std::chrono::seconds kHungAfter{30};

  /// `change_context` may set what the routes work with.
  explicit WholeServer(std::size_t threads = 2, service::ServiceOptions service_options = {},
                       const std::function<void(server::RouteContext&)>& change_context = {},
                       std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
      : clock_(std::move(clock)),
        threads_(threads),
        scheduler_(threads, clock_, kHungAfter),
        service_options_(service_options) {
    write_fake_detector(root_.path(), "fake/1");
    write_fake_detector(root_.path(), "fake/2");
    service_options_.threads = std::max<std::size_t>(threads, 1);
    registry_ = std::make_unique<registry::ModelRegistry>(
        registry::RegistryOptions{}, std::move(registry::ModelFolder::open(root_.path())).value(),
        registry::LoaderContext{*engine_, scheduler_, clock_, make_null_log(), {}});
    service_ = std::make_unique<service::PredictionService>(service_options_, *registry_, scheduler_, clock_);
    server::RouteContext context{.service = *service_,
                                 .registry = *registry_,
                                 .clock = clock_,
                                 .log = make_null_log(),
                                 .version = "1.2.3",
                                 .server_id = "the-id",
                                 .ready = [ready = ready_] { return ready->load(); },
                                 .metrics = std::make_shared<server::Metrics>(scheduler_, *registry_, nullptr, clock_)};
    if (change_context) change_context(context);
    handler_ = server::make_handler(context);
    http_.emplace(handler_);
  }
  ~WholeServer() {
    set_gate(true);
    http_->stop();
    if (threads_ == 0) scheduler_.stop();  // nobody else would answer what waits
    http_.reset();
    scheduler_.stop();
  }

  [[nodiscard]] http::RawClient connect() const { return http_->connect(); }
  /// What the sockets lead to.
  [[nodiscard]] const http::Handler& handler() const { return handler_; }
  [[nodiscard]] http::RunningServer& http() { return *http_; }
  [[nodiscard]] registry::ModelRegistry& registry() { return *registry_; }
  [[nodiscard]] const std::filesystem::path& models() const { return root_.path(); }
  [[nodiscard]] scheduler::Scheduler& scheduler() { return scheduler_; }
  void set_ready(bool ready) { ready_->store(ready); }

  /// While the gate is closed, networks wait.
  void set_gate(bool open) {
    const std::lock_guard lock(mutex_);
    gate_open_ = open;
    opened_.notify_all();
  }

  /// What a model computes from now on, instead of being the fake detector; it does not wait for the gate.
  void set_network(const std::string& model, engine::FakeFunction network) {
    const std::lock_guard lock(mutex_);
    networks_[model] = std::move(network);
  }

  /// One round of the watchdog.
  void watch() {
    scheduler_.check();
    service_->check_deadlines();
  }

  /// Sends one request on a connection of its own.
  http::Reply ask(const std::string& method, const std::string& target, const std::string& body = "",
                  const std::string& headers = "Content-Type: application/json\r\n") {
    auto client = connect();
    const auto reply = client.ask(message(method, target, body, headers));
    EXPECT_TRUE(reply) << method << " " << target;
    return reply.value_or(http::Reply{});
  }
  static std::string message(const std::string& method, const std::string& target, const std::string& body,
                             const std::string& headers = "Content-Type: application/json\r\n") {
    return method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static std::string detection_body(const std::string& base64, const std::string& model = "fake/1") {
    return Json{{"model_id", model}, {"image", {{"type", "base64"}, {"value", base64}}}}.dump();
  }

 private:
  Result<std::vector<engine::FakeOutput>> run(const std::string& model, std::span<const TensorView> inputs) {
    engine::FakeFunction network;
    {
      std::unique_lock lock(mutex_);
      if (const auto found = networks_.find(model); found != networks_.end()) {
        network = found->second;
      } else {
        opened_.wait(lock, [this] { return gate_open_; });
      }
    }
    return network ? network(inputs) : fake_detector(inputs);
  }

  TemporaryFolder root_;
  std::mutex mutex_;
  std::condition_variable opened_;
  bool gate_open_ = true;
  std::map<std::string, engine::FakeFunction> networks_;
  const std::shared_ptr<const Clock> clock_;
  std::shared_ptr<std::atomic<bool>> ready_ = std::make_shared<std::atomic<bool>>(true);
  const std::size_t threads_;
  scheduler::Scheduler scheduler_;
  service::ServiceOptions service_options_;
  std::unique_ptr<engine::Engine> engine_ =
      engine::create_fake_engine_of(fake_detector_graph(), [this](const std::filesystem::path& file) {
        const auto folder = file.parent_path();
        const std::string id = (folder.parent_path().filename() / folder.filename()).string();
        return [this, id](std::span<const TensorView> inputs) { return run(id, inputs); };
      });
  std::unique_ptr<registry::ModelRegistry> registry_;
  std::unique_ptr<service::PredictionService> service_;
  http::Handler handler_;
  std::optional<http::RunningServer> http_;
};

}  // namespace osprey
