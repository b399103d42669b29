#include <utility>

#include "cli/predictor.hpp"

namespace osprey::cli {
namespace {

class RemotePredictor final : public Predictor {
 public:
  explicit RemotePredictor(client::Client client) : client_(std::move(client)) {}

  std::optional<client::Error> open(const std::string& model_id, const client::InferOptions& options) override {
    model_id_ = model_id;
    options_ = options;
    auto model = client_.load_model(model_id);
    if (!model) return std::move(model).error();
    options_.task = model->task;
    return std::nullopt;
  }

  client::Result<client::Prediction> predict(const client::Image& image, const std::stop_token& stop) override {
    auto options = options_;
    options.stop = stop;
    return client_.infer(image, model_id_, options);
  }

 private:
  client::Client client_;
  std::string model_id_;
  client::InferOptions options_;
};

}  // namespace

Result<std::unique_ptr<Predictor>> make_remote_predictor(client::Options options) {
  auto client = client::Client::create(std::move(options));
  if (!client) return Error{Code::invalid_argument, client.error().message};
  return std::unique_ptr<Predictor>(std::make_unique<RemotePredictor>(std::move(*client)));
}

}  // namespace osprey::cli
