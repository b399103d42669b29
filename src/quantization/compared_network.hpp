// A package's network at work outside of a server: what it predicts, and how fast it runs.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/session.hpp"
#include "image/image.hpp"
#include "registry/model_loader.hpp"
#include "vision/predictions.hpp"

namespace osprey::quantization {

/// A package, read, checked, compiled and run once as a load does it; nothing compiled is kept on disk. Not
/// thread-safe.
class ComparedNetwork {
 public:
  /// Blocks; costs seconds. Errors: those of engine, package and vision.
  [[nodiscard]] static Result<ComparedNetwork> open(const std::filesystem::path& folder, engine::Engine& engine);

  [[nodiscard]] const package::Package& package() const { return package_; }
  [[nodiscard]] std::string_view backend() const { return session_->backend(); }

  /// A picture as the network's input: [3,height,width]. Errors: those of vision::preprocess.
  [[nodiscard]] Result<std::vector<float>> prepare(const image::ImageView& picture) const;

  /// What is found in a picture, at the thresholds that a request has which names none (of one class a picture: all
  /// classes, best first). Errors: those of vision and engine.
  [[nodiscard]] Result<vision::Prediction> predict(const image::ImageView& picture);

  /// Pictures a second through the engine alone, one stream a core, over at least so long. `tensor` is of prepare().
  /// Errors: those of the engine.
  [[nodiscard]] Result<double> throughput(std::span<const float> tensor, std::chrono::milliseconds time);

 private:
  ComparedNetwork() = default;
  [[nodiscard]] std::vector<float> filled(std::span<const float> tensor) const;
  [[nodiscard]] Result<std::shared_ptr<engine::Session>> compile(int streams);
  [[nodiscard]] Status start(std::shared_ptr<engine::Session> session);

  package::Package package_;
  std::unique_ptr<const vision::Family> family_;
  std::unique_ptr<engine::Graph> graph_;
  int cores_ = 1;
  bool elsewhere_ = false;  // compiled by the engine's other backend, as it does not run in the first
  Error refusal_;           // of the first
  Shape shape_;             // of the input
  std::shared_ptr<engine::Session> session_;
  std::unique_ptr<engine::Execution> execution_;
  std::vector<std::unique_ptr<engine::Execution>> streams_;  // made at the first throughput()
};

}  // namespace osprey::quantization
