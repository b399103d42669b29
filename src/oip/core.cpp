#include "oip/core.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include "oip/image_view.hpp"
#include "service/network_tensors.hpp"

namespace osprey::oip {
namespace {

ModelMetadata metadata_of(const ParsedName& name, std::vector<std::string> versions, const registry::LiveModel& model,
                          std::size_t max_images) {
  ModelMetadata metadata;
  metadata.name = name.name();
  metadata.versions = std::move(versions);
  metadata.backend = model.session->backend();
  if (!name.tensor_view) {
    metadata.platform = "osprey_image";
    metadata.inputs = image_inputs();
    metadata.outputs = image_outputs(model.package.family);
    return metadata;
  }
  metadata.platform = "osprey_tensor";
  auto tensors = service::network_tensors(model);
  if (tensors.batched) metadata.max_batch_size = max_images;
  metadata.inputs.push_back({std::move(tensors.input.name), DataType::fp32, std::move(tensors.input.shape)});
  for (auto& output : tensors.outputs) {
    metadata.outputs.push_back({std::move(output.name), DataType::fp32, std::move(output.shape)});
  }
  return metadata;
}

/// An answer without its outputs.
InferAnswer answer_of(const ParsedName& name, const InferRequest& request, const registry::ModelLease& model) {
  InferAnswer answer;
  answer.model_name = name.name();
  answer.model_id = model->id;
  const auto slash = model->id.find('/');
  if (slash != std::string::npos) answer.model_version = model->id.substr(slash + 1);
  answer.id = request.id;
  answer.cold = model.cold();
  answer.load_seconds = model->load_seconds;
  return answer;
}

/// What making an answer throws becomes one: who waits must be told.
template <typename Make>
Result<InferAnswer> guarded(Make&& make) {
  try {
    return make();
  } catch (const std::exception& e) {  // out of memory, above all
    return Error{Code::internal, std::string("making the answer failed: ") + e.what()};
  }
}

void tell_failure(const CoreContext& context, std::string_view model_id, Code code) {
  if (context.failed) context.failed(model_id, code);
}

void tell_success(const CoreContext& context, std::string_view model_id,
                  std::span<const service::ImagePrediction> images, const InferRequest& request) {
  if (!context.succeeded) return;
  context.succeeded(model_id, images, seconds_between(request.started, context.clock->now()));
}

Result<std::shared_ptr<service::NetworkRequest>> read_tensor_request(const std::shared_ptr<const InferRequest>& request,
                                                                     std::size_t max_images) {
  if (request->inputs.size() != 1) {
    return Error{Code::invalid_argument,
                 "the tensor view takes one input; the request has " + std::to_string(request->inputs.size())};
  }
  const auto& input = request->inputs.front();
  if (input.datatype != DataType::fp32) {
    return Error{Code::invalid_argument,
                 "the input '" + input.name + "' is " + std::string(to_string(input.datatype)) + "; expected FP32"};
  }
  if (auto checked = check_input(input); !checked) return std::move(checked).error();
  if (!input.shape.empty() && static_cast<std::size_t>(input.shape.front()) > max_images) {
    return Error{Code::payload_too_large, "the request has " + std::to_string(input.shape.front()) +
                                              " images, more than the limit of " + std::to_string(max_images)};
  }
  auto network = std::make_shared<service::NetworkRequest>();
  network->request_path = request->request_path;
  network->api_key = request->api_key;
  network->input = input.name;
  network->shape = input.shape;
  network->values = std::get<RawData>(input.data);
  for (const auto& output : request->outputs) network->outputs.push_back(output.name);
  network->cancel = request->cancel;
  network->deadline = request->deadline;
  network->keep_alive = request;
  return network;
}

}  // namespace

Core::Core(CoreContext context) : context_(std::make_shared<const CoreContext>(std::move(context))) {}

bool Core::live() const {
  return !context_->live || context_->live();
}

bool Core::ready() const {
  return live() && (!context_->ready || context_->ready());
}

ServerMetadata Core::server_metadata() const {
  return {"osprey", context_->version, {"binary_tensor_data", "model_repository", "model_configuration"}};
}

Result<std::string> Core::authorize(std::string_view key) const {
  return context_->authorize ? context_->authorize(key) : Result<std::string>(std::string(key));
}

TimePoint Core::deadline() const {
  return context_->clock->now() + context_->request_time;
}

void Core::admit(CancelToken cancel, TimePoint deadline, std::function<void()> work,
                 std::function<void(Error)> refused) {
  context_->service.admit(std::move(cancel), deadline, std::move(work), std::move(refused));
}

std::string Core::id_of(const ParsedName& name) const {
  if (!name.version.empty()) return name.id(name.version);
  const auto versions = context_->registry.versions(name.project);
  return name.id(versions.empty() ? std::string_view() : versions.back());
}

Result<bool> Core::model_ready(const ModelName& model) const {
  const auto name = parse_name(model);
  if (!name) return name.error();
  const auto models = context_->registry.list();
  return std::any_of(models.begin(), models.end(), [&](const registry::ModelDescription& each) {
    if (each.out) return false;
    if (!name->version.empty()) return each.model_id == name->id(name->version);
    return each.model_id.substr(0, each.model_id.find('/')) == name->project;
  });
}

void Core::model_metadata(const ModelName& model, std::string_view api_key, Completion<ModelMetadata> completion) {
  auto name = parse_name(model);
  if (!name) return completion(std::move(name).error());
  const std::string id = id_of(*name);
  auto versions = context_->registry.versions(name->project);
  context_->registry.acquire({id, {}, api_key}, [name = std::move(name).value(), versions = std::move(versions),
                                                 max_images = context_->max_images, completion = std::move(completion)](
                                                    Result<registry::ModelLease> lease) {
    if (!lease) return completion(std::move(lease).error());
    auto known = versions;
    if (known.empty() && !name.version.empty()) known.push_back(name.version);
    completion(metadata_of(name, std::move(known), **lease, max_images));
  });
}

void Core::infer(std::shared_ptr<const InferRequest> request, Completion<InferAnswer> completion) {
  auto name = parse_name(request->model);
  if (!name) return completion(std::move(name).error());
  if (name->tensor_view) {
    infer_tensors(*name, std::move(request), std::move(completion));
  } else {
    infer_images(*name, std::move(request), std::move(completion));
  }
}

void Core::infer_images(const ParsedName& name, std::shared_ptr<const InferRequest> request,
                        Completion<InferAnswer> completion) {
  auto read = read_image_request(request, *context_);
  if (!read) return completion(std::move(read).error());
  const auto prediction = read->prediction;
  prediction->model_id = id_of(name);
  context_->service.predict(prediction,
                            [context = context_, name, request = std::move(request), read = std::move(read).value(),
                             completion = std::move(completion)](Result<service::PredictionResponse> response) {
                              const auto& id = read.prediction->model_id;
                              if (!response) {
                                tell_failure(*context, id, response.error().code);
                                return completion(std::move(response).error());
                              }
                              completion(guarded([&]() -> Result<InferAnswer> {
                                const double seconds = seconds_between(request->started, context->clock->now());
                                auto outputs = image_outputs_of(*response, read, request->id, seconds);
                                if (!outputs) return std::move(outputs).error();
                                auto answer = answer_of(name, *request, response->model);
                                answer.outputs = std::move(outputs).value();
                                tell_success(*context, id, response->images, *request);
                                return answer;
                              }));
                            });
}

void Core::infer_tensors(const ParsedName& name, std::shared_ptr<const InferRequest> request,
                         Completion<InferAnswer> completion) {
  auto network = read_tensor_request(request, context_->max_images);
  if (!network) return completion(std::move(network).error());
  const std::string id = id_of(name);
  (*network)->model_id = id;
  context_->service.run_network(
      std::move(network).value(), [context = context_, name, id, request = std::move(request),
                                   completion = std::move(completion)](Result<service::NetworkResponse> response) {
        if (!response) {
          tell_failure(*context, id, response.error().code);
          return completion(std::move(response).error());
        }
        completion(guarded([&]() -> Result<InferAnswer> {
          auto answer = answer_of(name, *request, response->model);
          for (auto& output : response->outputs) {
            answer.outputs.push_back(
                {std::move(output.name), DataType::fp32, std::move(output.shape), std::move(output.values)});
          }
          std::vector<service::ImagePrediction> images(response->times.size());
          for (std::size_t i = 0; i < images.size(); ++i) images[i].times = response->times[i];
          tell_success(*context, id, images, *request);
          return answer;
        }));
      });
}

std::vector<IndexEntry> Core::repository_index(bool ready) const {
  std::map<std::string, IndexEntry, std::less<>> by_id;
  for (auto& id : context_->registry.available()) {
    by_id[id] = {.name = {}, .version = {}, .state = IndexEntry::State::loadable, .reason = "loaded on first use"};
  }
  for (auto& model : context_->registry.list()) {
    auto& entry = by_id[model.model_id];
    entry.state = model.out ? IndexEntry::State::unavailable : IndexEntry::State::ready;
    entry.reason = model.out ? model.out->reason : "";
  }
  std::vector<IndexEntry> index;
  for (auto& [id, entry] : by_id) {
    if (ready && entry.state != IndexEntry::State::ready) continue;
    const auto slash = id.find('/');
    entry.name = id.substr(0, slash);
    if (slash != std::string::npos) entry.version = id.substr(slash + 1);
    index.push_back(entry);
    index.push_back(entry);
    index.back().name += kTensorViewSuffix;
  }
  return index;
}

void Core::load(const ModelName& model, std::string_view api_key, Completion<void> completion) {
  const auto name = parse_name(model);
  if (!name) return completion(name.error());
  const std::string id = id_of(*name);
  context_->registry.acquire({id, {}, api_key},
                             [completion = std::move(completion)](const Result<registry::ModelLease>& lease) {
                               completion(lease ? Status() : Status(lease.error()));
                             });
}

Status Core::unload(const ModelName& model) {
  const auto name = parse_name(model);
  if (!name) return name.error();
  if (!name->version.empty()) {
    (void)context_->registry.remove(name->id(name->version));
    return {};
  }
  for (const auto& each : context_->registry.list()) {
    if (each.model_id.substr(0, each.model_id.find('/')) == name->project) {
      (void)context_->registry.remove(each.model_id);
    }
  }
  return {};
}

}  // namespace osprey::oip
