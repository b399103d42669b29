#include "service/network_run.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <exception>
#include <utility>

#include "service/prediction.hpp"

namespace osprey::service {

static_assert(std::endian::native == std::endian::little,
              "tensors are little-endian on the wire and copied as they are");

namespace {

/// Of one answer: its text may be several times as long.
constexpr std::size_t kMaxOutputBytes = std::size_t{64} << 20;

/// Whether all values are numbers, by their exponents: infinities and NaN have all bits set.
bool are_numbers(std::span<const std::byte> values) {
  constexpr std::uint32_t kExponent = 0x7F800000;
  bool bad = false;
  for (std::size_t i = 0; i + sizeof(std::uint32_t) <= values.size(); i += sizeof(std::uint32_t)) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, values.data() + i, sizeof bits);
    bad |= (bits & kExponent) == kExponent;
  }
  return !bad;
}

}  // namespace

PredictionService::NetworkRun::NetworkRun(PredictionService& service, std::shared_ptr<const NetworkRequest> request,
                                          NetworkCompletion completion)
    : service_(service),
      in_flight_(service.in_flight_),
      request_(std::move(request)),
      completion_(std::move(completion)) {}

void PredictionService::NetworkRun::start(registry::ModelLease lease) {
  lease_ = std::move(lease);
  tensors_ = network_tensors(*lease_);
  const auto images = images_in(tensors_, request_->input, request_->shape);
  if (!images) return fail(images.error());
  const auto expected = *images * element_count(std::span(tensors_.input.shape).subspan(1)) * sizeof(float);
  if (request_->values.size() != expected) {
    return fail({Code::invalid_argument, "the input '" + request_->input + "' has " +
                                             std::to_string(request_->values.size()) + " bytes; its shape makes " +
                                             std::to_string(expected)});
  }
  auto wanted = find_outputs(tensors_, request_->outputs);
  if (!wanted) return fail(std::move(wanted).error());
  wanted_ = std::move(wanted).value();
  images_ = *images;
  results_.resize(images_);
  times_.resize(images_);
  remaining_ = images_;
  // As for pictures: no more images of one request at a time than there are threads.
  const std::size_t begun = std::min(images_, service_.options_.threads);
  const bool first_here = lease_.at_once();
  if (first_here) ++next_;
  for (std::size_t i = first_here ? 1 : 0; i < begun; ++i) submit_next();
  if (first_here) prepare(0);
}

void PredictionService::NetworkRun::submit_next() {
  const std::size_t index = next_++;
  if (index >= images_) return;
  auto self = shared_from_this();
  service_.preparation_.submit(std::make_unique<StepJob>(
      request_->cancel, request_->deadline, [self, index] { self->prepare(index); },
      [self](Error why) { self->fail(std::move(why)); }));
}

void PredictionService::NetworkRun::prepare(std::size_t index) {
  if (abandoned()) return fail({Code::cancelled, "the client has left"});
  if (lease_->health->is_out()) return fail(lease_->health->refusal());
  const std::size_t size = request_->values.size() / images_;
  const auto bytes = request_->values.subspan(index * size, size);
  if (!are_numbers(bytes)) {
    return fail({Code::invalid_argument,
                 "the input '" + request_->input + "' holds values that are not numbers (NaN or infinite)"});
  }
  std::optional<PooledTensor> copy;
  std::span<const float> input;
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0) {
    input = {reinterpret_cast<const float*>(bytes.data()), size / sizeof(float)};
  } else {
    copy.emplace(service_.tensors_.take(size / sizeof(float)));
    std::memcpy(copy->values().data(), bytes.data(), size);
    input = copy->values();
  }
  lease_->lane->hand_over(std::make_unique<RawNetworkJob>(shared_from_this(), index, input, std::move(copy)));
}

Status PredictionService::NetworkRun::finish(std::size_t index, std::span<const TensorView> outputs, std::size_t place,
                                             const StageTimes& times) {
  auto& result = results_[index];
  if (abandoned()) {  // its outputs are megabytes that nobody reads
    fail({Code::cancelled, "the client has left"});
    return {};
  }
  for (const auto wanted : wanted_) {
    const auto& output = outputs[wanted];
    auto values = output.data;
    Shape shape(output.shape.begin(), output.shape.end());
    if (tensors_.per_image[wanted]) {
      if (shape.empty() || static_cast<std::size_t>(shape.front()) <= place) {
        return Error{Code::internal, "the model's output '" + tensors_.outputs[wanted].name + "' has the shape " +
                                         to_string(shape) + ", which has no place for image " + std::to_string(place)};
      }
      const std::size_t size = values.size() / static_cast<std::size_t>(shape.front());
      values = values.subspan(place * size, size);
      shape.front() = 1;
    }
    if (bytes_.fetch_add(values.size_bytes()) + values.size_bytes() > kMaxOutputBytes) {
      fail({Code::payload_too_large, "the network's outputs for this request are larger than " +
                                         std::to_string(kMaxOutputBytes >> 20) +
                                         " MiB; send fewer images or ask for fewer outputs"});
      return {};
    }
    result.push_back(
        {std::move(shape), std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes())});
  }
  times_[index] = times;
  if (remaining_.fetch_sub(1) > 1) {
    submit_next();
    return {};
  }
  if (completed_.exchange(true)) return {};
  auto all = joined();
  if (!all) {
    complete(std::move(all).error());
  } else {
    complete(NetworkResponse{std::move(lease_), std::move(all).value(), std::move(times_)});
  }
  return {};
}

Result<std::vector<NetworkOutput>> PredictionService::NetworkRun::joined() {
  std::vector<NetworkOutput> all;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    auto& first = results_.front()[i];
    NetworkOutput output{tensors_.outputs[wanted_[i]].name, std::move(first.shape), std::move(first.values)};
    if (images_ > 1) output.values.reserve(output.values.size() * images_);
    for (std::size_t image = 1; image < images_; ++image) {
      auto& next = results_[image][i];
      if (next.shape != output.shape) {
        return Error{Code::unsupported, "the output '" + output.name + "' has the shape " + to_string(output.shape) +
                                            " for one image and " + to_string(next.shape) +
                                            " for another; send them one by one"};
      }
      output.values += next.values;
      next = {};
    }
    if (images_ > 1) output.shape.front() = static_cast<std::int64_t>(images_);
    all.push_back(std::move(output));
  }
  return all;
}

void PredictionService::NetworkRun::fail(Error error) noexcept {
  if (completed_.exchange(true)) return;
  try {
    complete(std::move(error));
  } catch (...) {  // no memory for an answer: who waits is answered when the completion is let go
  }
}

void PredictionService::NetworkRun::complete(Result<NetworkResponse> result) {
  // Let go of, so that what it holds does not wait for a job that hangs.
  const auto completion = std::exchange(completion_, nullptr);
  completion(std::move(result));
}

Status PredictionService::RawNetworkJob::complete(std::span<const TensorView> outputs, std::size_t index) noexcept {
  try {
    times_.network = lap();
    auto finished = run_->finish(index_, outputs, index, times_);
    if (!finished) run_->fail(finished.error());
    return finished;
  } catch (const std::exception& e) {  // out of memory, above all: this request fails, the others go on
    run_->fail({Code::internal, std::string("reading the network's outputs failed: ") + e.what()});
  } catch (...) {
    run_->fail({Code::internal, "reading the network's outputs failed"});
  }
  return {};
}

}  // namespace osprey::service
