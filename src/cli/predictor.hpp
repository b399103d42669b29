// What `inference infer` predicts with: a server, or this process.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <osprey/client.hpp>

#include "base/result.hpp"
#include "cli/settings.hpp"

namespace osprey::cli {

/// Thread-safe once opened.
class Predictor {
 public:
  virtual ~Predictor() = default;

  /// Loads the model and keeps what is asked of it. Errors: of the model or of reaching it.
  [[nodiscard]] virtual std::optional<client::Error> open(const std::string& model_id,
                                                          const client::InferOptions& options) = 0;
  /// Blocks. Requires that open() succeeded.
  [[nodiscard]] virtual client::Result<client::Prediction> predict(const client::Image& image,
                                                                   const std::stop_token& stop) = 0;
};

/// A server. Errors: invalid_argument for a URL that is none.
[[nodiscard]] Result<std::unique_ptr<Predictor>> make_remote_predictor(client::Options options);

/// This process, through the server's own routes but without a socket, so that its answers are a server's. To be made
/// before threads are started. Errors: those of PredictionRooms::create.
[[nodiscard]] Result<std::unique_ptr<Predictor>> make_local_predictor(const ServerSettings& settings,
                                                                      const std::string& api_key);

}  // namespace osprey::cli
