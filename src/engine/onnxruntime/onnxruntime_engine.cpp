#include "engine/onnxruntime/onnxruntime_engine.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <malloc.h>

#include "engine/backend_message.hpp"
#include "engine/onnxruntime/element_types.hpp"
#include "engine/onnxruntime/ort_interface.hpp"

namespace osprey::engine {
namespace {

using ort::ElementType;
using ort::Owned;

/// The library and its environment. Its objects are released before it.
struct Runtime {
  std::unique_ptr<const ort::Interface> interface;
  Owned<ort::Environment> environment;
  Owned<ort::MemoryInfo> cpu_memory;
  ort::Allocator* allocator = nullptr;  ///< the library's own; never released
};

Result<std::shared_ptr<const Runtime>> open_runtime() {
  auto interface = ort::Interface::open(OSPREY_ONNXRUNTIME_LIBRARY, OSPREY_ONNXRUNTIME_FOLDER);
  if (!interface) return std::move(interface).error();
  auto runtime = std::make_shared<Runtime>();
  runtime->interface = std::move(interface).value();
  const auto& api = *runtime->interface;
  // Its log goes to standard error in a form of its own; all that matters comes back as a failure too.
  auto environment = api.make<ort::Environment>(ort::kCreateEnvironment, ort::kLogNothing, "osprey");
  if (!environment) return std::move(environment).error();
  runtime->environment = std::move(environment).value();
  auto memory = api.make<ort::MemoryInfo>(ort::kDescribeCpuMemory, ort::kArenaAllocator, ort::kDefaultMemory);
  if (!memory) return std::move(memory).error();
  runtime->cpu_memory = std::move(memory).value();
  if (auto found = api.call(ort::kDefaultAllocator, &runtime->allocator); !found) return std::move(found).error();
  return std::shared_ptr<const Runtime>(std::move(runtime));
}

/// A tensor that goes in or comes out.
struct Port {
  TensorSpec spec;
  ElementType type = ElementType::float32;
};

/// A network that is loaded and optimised: for this library reading and compiling are one step. Thread-safe.
struct LoadedNetwork {
  LoadedNetwork() = default;
  LoadedNetwork(const LoadedNetwork&) = delete;
  LoadedNetwork& operator=(const LoadedNetwork&) = delete;
  ~LoadedNetwork() {
    network.reset();
    malloc_trim(0);  // weights are many blocks of the heap, which would else stay with the process
  }

  std::shared_ptr<const Runtime> runtime;
  Owned<ort::Network> network;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::map<std::string, std::string> metadata;
};

/// Copies a text that the library's allocator made, and frees it.
std::string take_text(const Runtime& runtime, char* text) {
  std::string copy(text == nullptr ? "" : text);
  if (text != nullptr) (void)runtime.interface->call(ort::kFree, runtime.allocator, text);
  return copy;
}

struct TensorType {
  Shape shape;
  int element_type = 0;
};

Result<TensorType> tensor_type(const ort::Interface& api, const ort::TensorInfo& info) {
  TensorType result;
  std::size_t rank = 0;
  if (auto known = api.call(ort::kRank, &info, &rank); !known) return std::move(known).error();
  result.shape.resize(rank);
  if (auto known = api.call(ort::kDimensions, &info, result.shape.data(), rank); !known) {
    return std::move(known).error();
  }
  for (auto& dimension : result.shape) dimension = std::max<std::int64_t>(dimension, -1);
  if (auto known = api.call(ort::kElementType, &info, &result.element_type); !known) return std::move(known).error();
  return result;
}

template <typename CountFunction, typename NameFunction, typename TypeFunction>
Result<std::vector<Port>> read_ports(const Runtime& runtime, const ort::Network* network, CountFunction count_of,
                                     NameFunction name_of, TypeFunction type_of) {
  const auto& api = *runtime.interface;
  std::size_t count = 0;
  if (auto known = api.call(count_of, network, &count); !known) return std::move(known).error();
  std::vector<Port> ports(count);
  for (std::size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    if (auto known = api.call(name_of, network, i, runtime.allocator, &name); !known) return std::move(known).error();
    ports[i].spec.name = take_text(runtime, name);
    auto type = api.template make<ort::TypeInfo>(type_of, network, i);
    if (!type) return std::move(type).error();
    int kind = 0;
    const ort::TensorInfo* info = nullptr;
    if (auto known = api.call(ort::kKindOfType, type->get(), &kind); !known) return std::move(known).error();
    if (auto known = api.call(ort::kAsTensorInfo, type->get(), &info); !known) return std::move(known).error();
    if (kind != ort::kTensorType || info == nullptr) {
      return Error{Code::unsupported,
                   "'" + ports[i].spec.name + "' is a sequence, map or optional; tensors are expected"};
    }
    auto tensor = tensor_type(api, *info);
    if (!tensor) return std::move(tensor).error();
    const auto element = ort::element_type_of(tensor->element_type);
    if (!element) {
      return Error{Code::unsupported, "'" + ports[i].spec.name + "' has elements of ONNX type " +
                                          std::to_string(tensor->element_type) + "; numbers are expected"};
    }
    ports[i].spec.shape = std::move(tensor->shape);
    ports[i].type = *element;
  }
  return ports;
}

Result<std::map<std::string, std::string>> read_metadata(const Runtime& runtime, const ort::Network* network) {
  const auto& api = *runtime.interface;
  auto metadata = api.make<ort::Metadata>(ort::kMetadata, network);
  if (!metadata) return std::move(metadata).error();
  char** keys = nullptr;
  std::int64_t count = 0;
  if (auto read = api.call(ort::kMetadataKeys, metadata->get(), runtime.allocator, &keys, &count); !read) {
    return std::move(read).error();
  }
  std::map<std::string, std::string> result;
  Status all_read;
  for (const auto& key : std::span(keys, static_cast<std::size_t>(count))) {
    const std::string name = take_text(runtime, key);
    char* value = nullptr;
    auto read = api.call(ort::kMetadataValue, metadata->get(), runtime.allocator, name.c_str(), &value);
    if (read) {
      result[name] = take_text(runtime, value);
    } else {
      all_read = std::move(read);
    }
  }
  if (keys != nullptr) (void)api.call(ort::kFree, runtime.allocator, keys);
  if (!all_read) return std::move(all_read).error();
  return result;
}

Result<std::shared_ptr<const LoadedNetwork>> load(std::shared_ptr<const Runtime> runtime,
                                                  const std::filesystem::path& file, int threads) {
  const auto& api = *runtime->interface;
  auto options = api.make<ort::NetworkOptions>(ort::kCreateNetworkOptions);
  if (!options) return std::move(options).error();
  if (auto set = api.call(ort::kSetThreadsInsideOperators, options->get(), threads); !set) {
    return std::move(set).error();
  }
  // - Threads that wait for work sleep: the cores are shared with decoding, other networks and requests.
  // - Weights lie outside the arena. The arena, on by default, then holds only what runs need; it doubles as it grows,
  //   but inputs of one size end that at the first run. Without it each run is paid for in page faults.
  for (const auto& [key, value] : {std::pair("session.intra_op.allow_spinning", "0"),
                                   std::pair("session.use_device_allocator_for_initializers", "1")}) {
    if (auto set = api.call(ort::kSetOption, options->get(), key, value); !set) return std::move(set).error();
  }
  auto network = api.make<ort::Network>(ort::kLoadNetwork, runtime->environment.get(), file.c_str(), options->get());
  if (!network) return std::move(network).error();
  auto loaded = std::make_shared<LoadedNetwork>();
  loaded->network = std::move(network).value();
  const auto* handle = loaded->network.get();
  auto inputs = read_ports(*runtime, handle, ort::kInputCount, ort::kInputName, ort::kInputType);
  if (!inputs) return std::move(inputs).error();
  loaded->inputs = std::move(inputs).value();
  auto outputs = read_ports(*runtime, handle, ort::kOutputCount, ort::kOutputName, ort::kOutputType);
  if (!outputs) return std::move(outputs).error();
  loaded->outputs = std::move(outputs).value();
  auto metadata = read_metadata(*runtime, handle);
  if (!metadata) return std::move(metadata).error();
  loaded->metadata = std::move(metadata).value();
  loaded->runtime = std::move(runtime);
  return std::shared_ptr<const LoadedNetwork>(std::move(loaded));
}

std::vector<const char*> names_of(const std::vector<Port>& ports) {
  std::vector<const char*> names;
  for (const auto& port : ports) names.push_back(port.spec.name.c_str());
  return names;
}

class OnnxRuntimeExecution final : public Execution {
 public:
  explicit OnnxRuntimeExecution(std::shared_ptr<const LoadedNetwork> network)
      : network_(std::move(network)),
        input_names_(names_of(network_->inputs)),
        output_names_(names_of(network_->outputs)),
        converted_inputs_(network_->inputs.size()),
        outputs_(network_->outputs.size()) {}

  Status run(std::span<const TensorView> inputs) override {
    views_.clear();
    auto ran = run_network(inputs);
    if (!ran) {
      views_.clear();
      return Error{Code::internal, "the network failed (ONNX Runtime: " + reason_in(ran.error().message) + ")"};
    }
    return ran;
  }

  std::span<const TensorView> outputs() const override { return views_; }

 private:
  struct Output {
    Owned<ort::Value> value;
    Shape shape;
    std::vector<float> converted;  ///< when the network computes it in another type
  };

  const ort::Interface& api() const { return *network_->runtime->interface; }

  Status run_network(std::span<const TensorView> inputs) {
    if (inputs.size() != input_names_.size()) {
      return Error{Code::internal, "the network has " + std::to_string(input_names_.size()) + " inputs, " +
                                       std::to_string(inputs.size()) + " were given"};
    }
    std::vector<Owned<ort::Value>> owned;
    std::vector<const ort::Value*> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      auto value = wrap_input(i, inputs[i]);
      if (!value) return std::move(value).error();
      owned.push_back(std::move(value).value());
      values.push_back(owned.back().get());
    }
    std::vector<ort::Value*> results(output_names_.size(), nullptr);
    auto ran = api().call(ort::kRun, network_->network.get(), nullptr, input_names_.data(), values.data(),
                          values.size(), output_names_.data(), output_names_.size(), results.data());
    for (std::size_t i = 0; i < results.size(); ++i) outputs_[i].value = api().own(results[i]);
    if (!ran) return ran;
    for (auto& output : outputs_) {
      auto view = view_output(output);
      if (!view) return std::move(view).error();
      views_.push_back(*view);
    }
    return {};
  }

  Result<Owned<ort::Value>> wrap_input(std::size_t i, const TensorView& input) {
    const ElementType type = network_->inputs[i].type;
    // The library takes a mutable pointer for tensors that it only reads.
    void* data = const_cast<float*>(input.data.data());
    if (type != ElementType::float32) {
      auto& converted = converted_inputs_[i];
      converted.resize(input.data.size() * element_bytes(type));
      from_float32(input.data, type, converted.data());
      data = converted.data();
    }
    return api().make<ort::Value>(ort::kWrapTensor, network_->runtime->cpu_memory.get(), data,
                                  input.data.size() * element_bytes(type), input.shape.data(), input.shape.size(),
                                  static_cast<int>(type));
  }

  Result<TensorView> view_output(Output& output) {
    auto info = api().make<ort::TensorInfo>(ort::kTensorInfoOf, output.value.get());
    if (!info) return std::move(info).error();
    auto tensor = tensor_type(api(), **info);
    if (!tensor) return std::move(tensor).error();
    output.shape = std::move(tensor->shape);
    std::size_t count = 0;
    if (auto known = api().call(ort::kElementCount, info->get(), &count); !known) return std::move(known).error();
    void* data = nullptr;
    if (auto known = api().call(ort::kTensorData, output.value.get(), &data); !known) return std::move(known).error();
    const auto type = ort::element_type_of(tensor->element_type);
    if (!type) return Error{Code::internal, "an output does not hold numbers"};
    if (*type == ElementType::float32) {
      return TensorView{output.shape, std::span(static_cast<const float*>(data), count)};
    }
    output.converted.resize(count);
    to_float32(*type, data, output.converted);
    return TensorView{output.shape, output.converted};
  }

  std::shared_ptr<const LoadedNetwork> network_;
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
  std::vector<std::vector<std::byte>> converted_inputs_;
  std::vector<Output> outputs_;
  std::vector<TensorView> views_;
};

class OnnxRuntimeSession final : public Session {
 public:
  OnnxRuntimeSession(std::shared_ptr<const LoadedNetwork> network, GraphInfo graph, int streams)
      : network_(std::move(network)), graph_(std::move(graph)), streams_(streams) {}

  const GraphInfo& graph() const override { return graph_; }
  int streams() const override { return streams_; }
  std::string_view backend() const override { return kOnnxRuntime; }
  Result<std::unique_ptr<Execution>> create_execution() override {
    return std::unique_ptr<Execution>(std::make_unique<OnnxRuntimeExecution>(network_));
  }

 private:
  std::shared_ptr<const LoadedNetwork> network_;
  GraphInfo graph_;
  int streams_;
};

class OnnxRuntimeGraph final : public Graph {
 public:
  OnnxRuntimeGraph(std::shared_ptr<const LoadedNetwork> network, std::filesystem::path file, int threads)
      : network_(std::move(network)), file_(std::move(file)), threads_(threads) {
    info_.metadata = network_->metadata;
    for (const auto& input : network_->inputs) info_.inputs.push_back(input.spec);
    for (const auto& output : network_->outputs) info_.outputs.push_back(output.spec);
    // The library does not show the weights; a network of halves mostly has halves at its ends.
    const auto is_half = [](const Port& port) { return port.type == ElementType::float16; };
    if (std::any_of(network_->inputs.begin(), network_->inputs.end(), is_half) ||
        std::any_of(network_->outputs.begin(), network_->outputs.end(), is_half)) {
      info_.element_type = "f16";
    }
  }

  const GraphInfo& info() const override { return info_; }

  /// For one stream nothing is left to compile; for more the network is loaded again, with fewer threads a run. Open
  /// dimensions take what a run brings; the cache folder stays unused.
  Result<std::shared_ptr<Session>> compile(const CompileOptions& options) override {
    GraphInfo compiled = info_;
    if (options.input_height_width && !compiled.inputs.empty() && compiled.inputs[0].shape.size() == 4) {
      auto& shape = compiled.inputs[0].shape;
      if (shape[2] < 0) shape[2] = options.input_height_width->first;
      if (shape[3] < 0) shape[3] = options.input_height_width->second;
    }
    if (options.streams <= 1) {
      return std::shared_ptr<Session>(std::make_shared<OnnxRuntimeSession>(network_, std::move(compiled), 1));
    }
    auto network = load(network_->runtime, file_, std::max(1, threads_ / options.streams));
    if (!network) return std::move(network).error();
    return std::shared_ptr<Session>(
        std::make_shared<OnnxRuntimeSession>(std::move(network).value(), std::move(compiled), options.streams));
  }

 private:
  std::shared_ptr<const LoadedNetwork> network_;
  std::filesystem::path file_;
  int threads_;
  GraphInfo info_;
};

/// The processor's full name, as the system tells it.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

class OnnxRuntimeEngine final : public Engine {
 public:
  OnnxRuntimeEngine(const OnnxRuntimeOptions& options, Log log) : threads_(options.threads), log_(std::move(log)) {
    if (threads_ <= 0) threads_ = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  }

  EngineInfo info() const override {
    auto opened = runtime();
    return {std::string(kOnnxRuntime), opened ? (*opened)->interface->version() : "unknown", processor_name(),
            threads_};
  }

  Result<std::unique_ptr<Graph>> read(const std::filesystem::path& onnx_file) override {
    const std::string name = onnx_file.filename().string();
    std::error_code error;
    if (!std::filesystem::is_regular_file(onnx_file, error)) return Error{Code::not_found, "no file " + name};
    auto opened = runtime();
    if (!opened) return std::move(opened).error();
    auto network = load(std::move(opened).value(), onnx_file, threads_);
    if (!network) {
      log_->debug("{}: ONNX Runtime said: {}", onnx_file.string(), network.error().message);
      const std::string reason = reason_in(network.error().message, onnx_file) + " (ONNX Runtime)";
      const bool is_empty = network.error().message.find("No graph was found") != std::string::npos;
      if (network.error().code != Code::data_corrupted && !is_empty) {
        return Error{network.error().code, name + " cannot be run: " + reason};
      }
      return Error{Code::data_corrupted, name + " is damaged, or no ONNX file: " + reason};
    }
    return std::unique_ptr<Graph>(std::make_unique<OnnxRuntimeGraph>(std::move(network).value(), onnx_file, threads_));
  }

  /// The library, opened at the first call that succeeds.
  Result<std::shared_ptr<const Runtime>> runtime() const {
    const std::lock_guard lock(mutex_);
    if (!runtime_) {
      auto opened = open_runtime();
      if (!opened) return std::move(opened).error();
      runtime_ = std::move(opened).value();
    }
    return runtime_;
  }

 private:
  int threads_;
  Log log_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Runtime> runtime_;
};

}  // namespace

Result<std::unique_ptr<Engine>> create_onnxruntime_engine(const OnnxRuntimeOptions& options, const Log& log) {
  auto engine = std::make_unique<OnnxRuntimeEngine>(options, log);
  if (options.open_at_once) {
    if (auto opened = engine->runtime(); !opened) return std::move(opened).error();
  }
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace osprey::engine
