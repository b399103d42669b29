#include <chrono>
#include <future>
#include <utility>

#include "base/log.hpp"
#include "base/uuid.hpp"
#include "cli/prediction_rooms.hpp"
#include "cli/predictor.hpp"
#include "http/router.hpp"
#include "server/routes.hpp"

namespace osprey::cli {
namespace {

constexpr std::chrono::milliseconds kLookInterval{50};  // how late a wish to stop may be seen

client::ErrorKind kind_of(Code code) {
  switch (code) {
    case Code::not_found: return client::ErrorKind::not_found;
    case Code::unauthenticated:
    case Code::payment_required:
    case Code::permission_denied:
    case Code::locked: return client::ErrorKind::unauthorized;
    case Code::invalid_argument:
    case Code::unsupported:
    case Code::payload_too_large: return client::ErrorKind::rejected;
    case Code::overloaded:
    case Code::unavailable: return client::ErrorKind::overloaded;
    case Code::deadline_exceeded: return client::ErrorKind::timeout;
    case Code::cancelled: return client::ErrorKind::cancelled;
    case Code::upstream_failed:
    case Code::upstream_timeout:
    case Code::data_corrupted:
    case Code::internal: return client::ErrorKind::server_failed;
  }
  return client::ErrorKind::server_failed;
}

class LocalPredictor final : public Predictor {
 public:
  LocalPredictor(std::unique_ptr<PredictionRooms> rooms, const ServerSettings& settings, std::string api_key,
                 const Log& log)
      : rooms_(std::move(rooms)), api_key_(std::move(api_key)) {
    server::add_prediction_routes(
        router_, {.service = rooms_->service(),
                  .registry = rooms_->registry(),
                  .clock = rooms_->clock(),
                  .log = log,
                  .version = {},
                  .server_id = {},
                  .request_time = std::chrono::seconds(settings.request_seconds),
                  .ready = [] { return true; },
                  .metrics = std::make_shared<server::Metrics>(rooms_->scheduler(), rooms_->registry(), rooms_->hub(),
                                                               rooms_->clock()),
                  .max_json_depth = static_cast<int>(settings.max_json_depth)});
  }

  std::optional<client::Error> open(const std::string& model_id, const client::InferOptions& options) override {
    model_id_ = model_id;
    options_ = options;
    const auto given = std::make_shared<std::promise<Result<registry::ModelLease>>>();
    auto lease = given->get_future();
    rooms_->registry().acquire({model_id_, "/infer", api_key_},
                               [given](Result<registry::ModelLease> result) { given->set_value(std::move(result)); });
    auto got = lease.get();
    if (!got) return client::Error{.kind = kind_of(got.error().code), .message = got.error().message};
    lease_ = std::move(*got);
    task_ = client::task_of(vision::to_string(lease_->package.family.task)).value_or(task_);
    return std::nullopt;
  }

  client::Result<client::Prediction> predict(const client::Image& image, const std::stop_token& stop) override {
    auto made = client::make_request({&image, 1}, model_id_, task_, options_, api_key_);
    if (!made) return std::move(made).error();
    http::Request request;
    request.method = "POST";
    request.target = request.path = made->path;
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(made->body);
    request.id = make_uuid();
    CancelToken cancel = request.cancel;

    const auto answered = std::make_shared<std::promise<http::Response>>();
    auto answer = answered->get_future();
    router_.handle(std::move(request),
                   http::Responder([answered](http::Response response) { answered->set_value(std::move(response)); }));
    while (answer.wait_for(kLookInterval) != std::future_status::ready) {
      if (!stop.stop_requested()) continue;
      cancel.cancel();
      return client::Error{.kind = client::ErrorKind::cancelled, .message = "cancelled"};
    }
    auto response = answer.get();
    auto predictions = client::read_answer(response.status, std::move(response.body), 1);
    if (!predictions) return std::move(predictions).error();
    return std::move(predictions->front());
  }

 private:
  const std::unique_ptr<PredictionRooms> rooms_;
  const std::string api_key_;
  http::Router router_;
  std::string model_id_;
  client::InferOptions options_;
  registry::ModelLease lease_;  // so that the model stays in memory
  client::Task task_ = client::Task::object_detection;
};

}  // namespace

Result<std::unique_ptr<Predictor>> make_local_predictor(const ServerSettings& settings, const std::string& api_key) {
  const auto log = make_null_log();
  auto rooms = PredictionRooms::create(settings, log);
  if (!rooms) return std::move(rooms).error();
  return std::unique_ptr<Predictor>(std::make_unique<LocalPredictor>(std::move(rooms).value(), settings, api_key, log));
}

}  // namespace osprey::cli
