// `inference benchmark engine-speed`: how fast predictions are in this process, without HTTP.
#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "cli/benchmark/benchmark_command.hpp"
#include "cli/command_line.hpp"
#include "cli/demo_models.hpp"
#include "cli/model_config.hpp"
#include "cli/prediction_rooms.hpp"
#include "cli/stop_on_interrupt.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter =
    R"(Predicts as the server does, from encoded pictures to predictions, without HTTP. The difference to api-speed is what
HTTP and JSON cost. Exit code: 0; 1 when no request went well, or more failed than --max-error-rate allows.

Examples:
  inference benchmark engine-speed -m emoji-detection/1
  inference benchmark engine-speed -m emoji-detection/1 -d photos -c 8 -br 200 --picture latency.svg)";

/// What is about reading the network's outputs.
vision::DecodeOptions decode_options(const client::InferOptions& options) {
  vision::DecodeOptions decode;
  if (options.confidence) decode.confidence.value = static_cast<float>(*options.confidence);
  if (options.iou_threshold) decode.iou_threshold = static_cast<float>(*options.iou_threshold);
  decode.class_agnostic_nms = options.class_agnostic_nms.value_or(decode.class_agnostic_nms);
  decode.class_filter = options.class_filter;
  decode.max_detections = options.max_detections.value_or(decode.max_detections);
  decode.max_candidates = options.max_candidates.value_or(decode.max_candidates);
  if (options.keypoint_confidence) decode.keypoint_confidence = static_cast<float>(*options.keypoint_confidence);
  if (options.tradeoff_factor) decode.tradeoff_factor = static_cast<float>(*options.tradeoff_factor);
  if (options.mask_decode_mode == "fast") decode.mask_decode_mode = vision::MaskDecodeMode::fast;
  if (options.mask_decode_mode == "tradeoff") decode.mask_decode_mode = vision::MaskDecodeMode::tradeoff;
  return decode;
}

/// Where the time of an image went. Thread-safe.
class Stages {
 public:
  void add(const service::StageTimes& times) {
    const std::lock_guard lock(mutex_);
    ++images_;
    const std::array values{times.load, times.preprocess, times.queue, times.network, times.decode};
    for (std::size_t i = 0; i < values.size(); ++i) seconds_[i] += values[i];
  }

  [[nodiscard]] std::vector<std::pair<std::string, double>> means_ms() const {
    const std::lock_guard lock(mutex_);
    constexpr std::array kNames{"load", "preprocess", "queue", "network", "decode"};
    std::vector<std::pair<std::string, double>> means;
    for (std::size_t i = 0; images_ > 0 && i < kNames.size(); ++i) {
      means.emplace_back(kNames[i], 1e3 * seconds_[i] / static_cast<double>(images_));
    }
    return means;
  }

 private:
  mutable std::mutex mutex_;
  std::size_t images_ = 0;
  std::array<double, 5> seconds_{};
};

class EngineSpeed final : public Command {
 public:
  explicit EngineSpeed(CLI::App& benchmark)
      : Command(benchmark.add_subcommand("engine-speed", "Measure how fast predictions are in this process")) {
    add_benchmark_options(*command_, options_, "--warm-up-inferences");
    settings_.add_flags(*command_,
                        {"models", "cache", "backend", "decode_scale", "registry_url", "api_key", "offline"});
    command_->footer(kFooter);
  }

  int run() override {
    ServerSettings defaults;
    defaults.models = models_without_setting();
    const auto settings = settings_.read(std::move(defaults));
    if (!settings) return refuse(settings.error(), kUsage);
    service::PredictionRequest pattern;
    pattern.model_id = options_.model_id;
    if (!options_.model_config.empty()) {
      client::InferOptions asked;
      if (auto read = read_model_config(options_.model_config, asked); !read) return refuse(read.error(), kUsage);
      pattern.decode = decode_options(asked);
    }
    const auto pictures = load_pictures(options_.dataset_reference);
    if (!pictures) return refuse(pictures.error(), kFailure);
    StopOnInterrupt interrupt;
    const auto rooms = PredictionRooms::create(*settings, make_null_log());
    if (!rooms) return refuse(rooms.error(), kFailure);
    const auto requests = make_requests(pattern, *pictures);
    // Loads the model; what is wrong with it is told in whole.
    if (const auto first = (*rooms)->predict(requests.front()); !first) return refuse(first.error(), kFailure);

    Stages stages;
    const auto predict = [&](std::size_t index) {
      Outcome outcome;
      const auto answer = (*rooms)->predict(requests[index % requests.size()]);
      if (!answer) {
        outcome.error = to_string(answer.error().code);
        return outcome;
      }
      outcome.images = answer->images.size();
      for (const auto& image : answer->images) stages.add(image.times);
      return outcome;
    };
    interrupt.begin();
    const auto statistics = measure(options_, predict, interrupt.token());
    const auto engine = (*rooms)->engine().info();
    BenchmarkSubject subject;
    subject.where = engine.name + " " + engine.version.substr(0, engine.version.find('-')) + ", " +
                    std::to_string(engine.threads) + " threads";
    subject.stages = stages.means_ms();
    return tell_results(options_, std::move(subject), statistics, **pictures);
  }

 private:
  using Requests = std::vector<std::shared_ptr<const service::PredictionRequest>>;

  /// One request for each picture that a batch can begin with.
  [[nodiscard]] Requests make_requests(const service::PredictionRequest& pattern,
                                       const std::shared_ptr<const BenchmarkPictures>& pictures) const {
    Requests requests;
    for (std::size_t i = 0; i == 0 || first_picture(i, pictures->size(), options_.batch_size) != 0; ++i) {
      auto request = std::make_shared<service::PredictionRequest>(pattern);
      request->keep_alive = pictures;
      for (std::size_t j = 0; j < options_.batch_size; ++j) {
        const auto& bytes =
            (*pictures)[(first_picture(i, pictures->size(), options_.batch_size) + j) % pictures->size()].bytes;
        request->images.push_back(
            {service::ImageSource::Kind::encoded, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}});
      }
      requests.push_back(std::move(request));
    }
    return requests;
  }

  BenchmarkOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_engine_speed(CLI::App& benchmark) {
  return std::make_unique<EngineSpeed>(benchmark);
}

}  // namespace osprey::cli
