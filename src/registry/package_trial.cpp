#include "registry/package_trial.hpp"

#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace osprey::registry {
namespace {

constexpr vision::Size kBlank{640, 480};  // not square, so that the geometry is at work
constexpr std::uint8_t kGrey = 128;

struct Ran {
  std::shared_ptr<engine::Session> session;
  std::unique_ptr<engine::Execution> execution;  ///< holds the outputs
  double seconds = 0;
};

Result<Ran> run(std::shared_ptr<engine::Session> session, const vision::Size& network, std::vector<float> image) {
  const auto& inputs = session->graph().inputs;
  const bool fixed = !inputs.empty() && !inputs.front().shape.empty() && inputs.front().shape.front() > 1;
  const Shape shape{fixed ? inputs.front().shape.front() : 1, 3, network.height, network.width};
  image.resize(element_count(shape), 0.0F);
  auto execution = session->create_execution();
  if (!execution) return std::move(execution).error();
  const TensorView input{shape, image};
  const auto start = std::chrono::steady_clock::now();
  if (auto done = (*execution)->run(std::span(&input, 1)); !done) return std::move(done).error();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return Ran{std::move(session), std::move(execution).value(), seconds.count()};
}

/// As a load does: where the network compiles but does not run, with the engine's other backend.
Result<Ran> compile_and_run(engine::Graph& graph, const vision::Size& network, const std::vector<float>& image) {
  engine::CompileOptions options;
  options.input_height_width = std::pair(network.height, network.width);
  options.batch = 1;
  auto session = graph.compile(options);
  if (!session) return std::move(session).error();
  auto ran = run(std::move(session).value(), network, image);
  if (ran) return ran;
  auto other = graph.compile_elsewhere(options, ran.error());
  if (!other) return ran;
  auto ran_there = run(std::move(other).value(), network, image);
  return ran_there ? std::move(ran_there) : std::move(ran);
}

/// A score that is none, if there is one.
class ScoreCheck {
 public:
  void operator()(const vision::ObjectDetections& found) {
    for (const auto& detection : found.detections) look_at(detection.confidence);
  }
  void operator()(const vision::InstanceSegments& found) {
    for (const auto& instance : found.instances) look_at(instance.detection.confidence);
  }
  void operator()(const vision::Poses& found) {
    for (const auto& pose : found.poses) look_at(pose.detection.confidence);
  }
  void operator()(const vision::Classification& found) {
    for (const auto& score : found.scores) look_at(score.confidence);
  }
  void operator()(const vision::MultiLabelClassification& found) {
    for (const auto score : found.scores) look_at(score);
  }
  void operator()(const vision::SemanticMap& /*found*/) {}  // bytes: every value is a score

  [[nodiscard]] const std::optional<double>& wrong() const { return wrong_; }

 private:
  void look_at(double score) {
    constexpr double kRounding = 0.01;  // networks in half precision
    if (!wrong_ && !(score >= -kRounding && score <= 1 + kRounding)) wrong_ = score;
  }
  std::optional<double> wrong_;
};

std::string short_number(double value) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace

Result<PackageTrial> try_package(OpenPackage& package) {
  const auto& plan = package.package.preprocess;
  const std::vector<std::uint8_t> pixels(image::Image::byte_count(kBlank), kGrey);
  std::vector<float> tensor(element_count(Shape{3, plan.network.height, plan.network.width}));
  auto geometry =
      vision::preprocess({pixels.data(), kBlank, std::ptrdiff_t{kBlank.width} * image::kChannels}, plan, {}, tensor);
  if (!geometry) return std::move(geometry).error();
  auto ran = compile_and_run(*package.graph, plan.network, tensor);
  if (!ran) return std::move(ran).error();

  vision::DecodeOptions everything;
  everything.confidence.value = 0;
  auto found = package.family->decode(ran->execution->outputs(), 0, *geometry, everything);
  if (!found) return std::move(found).error();
  ScoreCheck check;
  std::visit(check, *found);
  if (check.wrong()) {
    return Error{Code::invalid_argument, "read as " + package.package.family.architecture + " (" +
                                             std::string(vision::to_string(package.package.family.task)) +
                                             "), the network gives scores such as " + short_number(*check.wrong()) +
                                             " for a blank image, and not between 0 and 1: it has another family or "
                                             "task, or fused is not as it is told"};
  }
  return PackageTrial{std::string(ran->session->backend()), ran->seconds};
}

}  // namespace osprey::registry
