#include "quantization/quantization.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <utility>

#include "package/files.hpp"
#include "package/package_writer.hpp"
#include "quantization/agreement.hpp"
#include "quantization/compared_network.hpp"
#include "quantization/pictures.hpp"
#include "quantization/tensor_file.hpp"
#include "registry/staged_folder.hpp"

namespace osprey::quantization {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWeights = "weights.onnx";

std::string percent(double share) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}

bool is_transformer(const std::string& architecture) {
  return architecture.starts_with("rfdetr") || architecture.starts_with("vit");
}

/// What the original is tuned on and judged by.
struct Samples {
  std::vector<fs::path> held_back;
  std::size_t calibration = 0;
  std::vector<float> tensor;  // one of them, to measure with
  Agreement with_itself;      // judged when the original finds something
  std::vector<std::string> skipped;
};

/// Writes three of four pictures as tensors into `folder` and looks what the original finds in the fourth.
Result<Samples> prepare_samples(const QuantizationJob& job, ComparedNetwork& original, const fs::path& folder,
                                const CancelToken& cancel) {
  const auto files = list_pictures(job.pictures, job.most_pictures);
  if (!files) return files.error();
  const auto& size = original.package().preprocess.network;
  Samples samples;
  std::size_t readable = 0;
  for (const auto& file : *files) {
    if (cancel.cancelled()) return Error{Code::cancelled, "interrupted"};
    const auto picture = read_picture(file);
    auto tensor = picture ? original.prepare(picture->view()) : Result<std::vector<float>>(picture.error());
    if (!tensor) {
      samples.skipped.push_back(tensor.error().message);
      continue;
    }
    if (++readable % kHeldBackEach == 0) {
      const auto found = original.predict(picture->view());
      if (!found) return found.error();
      samples.with_itself.add(*found, *found);
      samples.held_back.push_back(file);
      continue;
    }
    char name[32];
    (void)std::snprintf(name, sizeof name, "%06zu.npy", samples.calibration++);
    if (auto written = write_tensor(folder / name, {3, size.height, size.width}, *tensor); !written) {
      return std::move(written).error();
    }
    samples.tensor = std::move(tensor).value();
  }
  if (readable < kFewestPictures) {
    return Error{Code::invalid_argument, "only " + std::to_string(readable) + " of the pictures in " +
                                             job.pictures.string() + " can be read; at least " +
                                             std::to_string(kFewestPictures) + " are needed" +
                                             (samples.skipped.empty() ? "" : " (" + samples.skipped.front() + ")")};
  }
  return samples;
}

/// All that a package says beside its network.
Status copy_description(const fs::path& from, const fs::path& to) {
  std::error_code error;
  for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.') || !it->is_regular_file(ignored) || it->path().extension() == ".onnx" ||
        it->file_size(ignored) > package::kMaxTextBytes) {
      continue;
    }
    if (auto copied = package::write_weights(it->path(), to / name); !copied) return copied;
  }
  if (error) return Error{Code::unavailable, "the package cannot be read: " + error.message()};
  return {};
}

Result<Agreement> judge(const Samples& samples, ComparedNetwork& original, ComparedNetwork& quantized,
                        const CancelToken& cancel) {
  Agreement agreement;
  for (const auto& file : samples.held_back) {
    if (cancel.cancelled()) return Error{Code::cancelled, "interrupted"};
    const auto picture = read_picture(file);
    if (!picture) return picture.error();
    const auto before = original.predict(picture->view());
    if (!before) return before.error();
    const auto after = quantized.predict(picture->view());
    if (!after) return after.error();
    agreement.add(*before, *after);
  }
  return agreement;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Result<Gain> measure(const Samples& samples, ComparedNetwork& original, ComparedNetwork& quantized,
                     const CancelToken& cancel) {
  constexpr int kRounds = 7;
  constexpr std::chrono::milliseconds kTime{1000};
  std::vector<double> before;
  std::vector<double> after;
  std::vector<double> ratios;
  for (int i = 0; i < kRounds + 1; ++i) {
    if (cancel.cancelled()) return Error{Code::cancelled, "interrupted"};
    const auto original_rate = original.throughput(samples.tensor, kTime);
    if (!original_rate) return original_rate.error();
    const auto quantized_rate = quantized.throughput(samples.tensor, kTime);
    if (!quantized_rate) return quantized_rate.error();
    if (i == 0) continue;  // the first runs are slower
    before.push_back(*original_rate);
    after.push_back(*quantized_rate);
    ratios.push_back(*quantized_rate / *original_rate);
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  return Gain{median(ratios), *least, *most, median(before), median(after)};
}

Error nothing_found(std::size_t pictures) {
  return {Code::unsupported, "the agreement cannot be judged: the original finds nothing to compare in the " +
                                 std::to_string(pictures) +
                                 " pictures that were held back; give pictures of what the model knows "
                                 "(--unjudged makes the package all the same)"};
}

Error too_low(const QuantizationJob& job, double share, const Agreement& agreement) {
  return {Code::unsupported,
          "the 8-bit network agrees with the original in " + percent(share) + " only (" + agreement.text() + "); " +
              percent(job.min_agreement) + " is asked for. Nothing was written. More pictures of what the model will " +
              "see, or --preset " + std::string(job.preset == kPresets[0] ? kPresets[1] : kPresets[0]) +
              ", may help; --min-agreement lowers what is asked for"};
}

}  // namespace

Result<QuantizationResult> quantize(const QuantizationJob& job, const QuantizationTool& tool, engine::Engine& engine,
                                    const CancelToken& cancel, const QuantizationTool::Tell& tell) {
  auto original = ComparedNetwork::open(job.original, engine);
  if (!original) return std::move(original).error().with_context("the original cannot be served");
  if (original->package().quantization == "int8") {
    return Error{Code::invalid_argument, "the network is in 8 bits already"};
  }
  auto staged = registry::StagedFolder::beside(job.target);
  if (!staged) return std::move(staged).error();
  const fs::path work = staged->package().parent_path() / "work";
  std::error_code error;
  fs::create_directories(work / "inputs", error);
  if (error) return Error{Code::internal, "the models folder cannot be written: " + error.message()};

  auto samples = prepare_samples(job, *original, work / "inputs", cancel);
  if (!samples) return std::move(samples).error();
  if (!samples->with_itself.share() && !job.accept_unjudged) return nothing_found(samples->held_back.size());

  tell("quantising on " + std::to_string(samples->calibration) + " pictures; this takes a minute or more");
  const auto& package = original->package();
  const ToolJob tool_job{package.weights, work / "inputs", work / kWeights, job.preset,
                         is_transformer(package.family.architecture)};
  if (auto done = tool.run(tool_job, work, cancel); !done) return std::move(done).error();
  const fs::path weights = staged->package() / kWeights;
  if (auto copied = copy_description(job.original, staged->package()); !copied) return std::move(copied).error();
  if (auto written = package::write_weights(tool_job.output, weights); !written) return std::move(written).error();
  auto quantized = ComparedNetwork::open(staged->package(), engine);
  if (!quantized) return std::move(quantized).error().with_context("the 8-bit network cannot be served");

  tell("comparing the two on " + std::to_string(samples->held_back.size()) + " pictures that were held back");
  const auto agreement = judge(*samples, *original, *quantized, cancel);
  if (!agreement) return agreement.error();
  const auto share = agreement->share();
  if (share && *share < job.min_agreement) return too_low(job, *share, *agreement);
  if (!share && !job.accept_unjudged) return nothing_found(samples->held_back.size());
  const auto gain = measure(*samples, *original, *quantized, cancel);
  if (!gain) return gain.error();

  QuantizationResult result;
  result.agreement = share;
  result.agreement_text = agreement->text();
  result.calibrated_on = samples->calibration;
  result.judged_on = samples->held_back.size();
  result.skipped = std::move(samples->skipped);
  result.gain = *gain;
  result.original_bytes = fs::file_size(package.weights, error);
  result.quantized_bytes = fs::file_size(weights, error);
  const auto replaced = staged->put_in_place(job.replace);
  if (!replaced) return replaced.error();
  result.replaced = *replaced;
  return result;
}

}  // namespace osprey::quantization
