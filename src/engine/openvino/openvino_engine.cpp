#include "engine/openvino/openvino_engine.hpp"

#include <malloc.h>

#include <algorithm>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include <openvino/frontend/manager.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/openvino.hpp>

#include "engine/backend_message.hpp"
#include "engine/openvino/compiled_network.hpp"

namespace osprey::engine {
namespace {

/// Runs `work` and turns what OpenVINO throws into an Error of `code`; its text is OpenVINO's.
template <typename Work>
auto guarded(Code code, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& e) {
    return Error{code, e.what()};
  } catch (...) {
    return Error{code, {}};
  }
}

/// "`head` (OpenVINO: reason)".
Error told(std::string_view head, const Error& error) {
  return {error.code, std::string(head) + " (OpenVINO: " + reason_in(error.message) + ")"};
}

/// What read() says of a file that OpenVINO does not take.
Error refusal_of(const std::filesystem::path& file, const Error& error) {
  const std::string name = file.filename().string();
  const auto says = [&](std::string_view words) { return error.message.find(words) != std::string::npos; };
  if (says("Unable to read the model")) return {error.code, name + " is no ONNX file"};
  const std::string reason = reason_in(error.message, file) + " (OpenVINO)";
  if (says("No conversion rule")) return {Code::unsupported, name + " cannot be run: " + reason};
  return {error.code, name + " is damaged, or no ONNX file: " + reason};
}

Shape shape_of(const ov::PartialShape& partial) {
  Shape shape;
  if (partial.rank().is_dynamic()) return shape;
  for (const auto& dim : partial) shape.push_back(dim.is_static() ? dim.get_length() : -1);
  return shape;
}

std::vector<TensorSpec> specs_of(const std::vector<ov::Output<const ov::Node>>& ports) {
  std::vector<TensorSpec> specs;
  for (const auto& port : ports) {
    specs.push_back(
        {port.get_names().empty() ? std::string() : port.get_any_name(), shape_of(port.get_partial_shape())});
  }
  return specs;
}

/// The ONNX frontend keeps metadata_props in the model's rt_info, under "framework".
std::map<std::string, std::string> metadata_of(const ov::Model& model) {
  const auto& info = model.get_rt_info();
  const auto found = info.find("framework");
  if (found == info.end() || !found->second.is<ov::AnyMap>()) return {};
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : found->second.as<ov::AnyMap>()) {
    if (value.is<std::string>()) metadata[key] = value.as<std::string>();
  }
  return metadata;
}

/// The element type that most bytes of the constants have.
std::string weights_type(const ov::Model& model) {
  std::map<std::string, std::size_t> bytes;
  for (const auto& node : model.get_ops()) {
    if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node)) {
      const auto& type = constant->get_element_type();
      if (type == ov::element::f32) bytes["f32"] += constant->get_byte_size();
      if (type == ov::element::f16) bytes["f16"] += constant->get_byte_size();
      if (type == ov::element::i8 || type == ov::element::u8) bytes["i8"] += constant->get_byte_size();
    }
  }
  const auto most =
      std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == bytes.end() ? "f32" : most->first;
}

/// Makes inputs and outputs float32, whatever the network computes in: the rooms above know nothing else.
std::shared_ptr<ov::Model> with_float_ports(std::shared_ptr<ov::Model> model) {
  const auto is_float = [](const auto& port) { return port.get_element_type() == ov::element::f32; };
  const auto inputs = model->inputs();
  const auto outputs = model->outputs();
  if (std::all_of(inputs.begin(), inputs.end(), is_float) && std::all_of(outputs.begin(), outputs.end(), is_float)) {
    return model;
  }
  ov::preprocess::PrePostProcessor ports(model);
  for (std::size_t i = 0; i < inputs.size(); ++i) ports.input(i).tensor().set_element_type(ov::element::f32);
  for (std::size_t i = 0; i < outputs.size(); ++i) ports.output(i).tensor().set_element_type(ov::element::f32);
  return ports.build();
}

/// By the ONNX frontend alone: asked in general, OpenVINO tries every format it knows on a file that is broken, and
/// some of them write to standard error.
std::shared_ptr<ov::Model> read_onnx(const std::filesystem::path& file) {
  ov::frontend::FrontEndManager frontends;
  const auto onnx = frontends.load_by_framework("onnx");
  // Weights that lie in a file of their own are read, not mapped: whoever writes that file anew would end the process.
  constexpr bool kMapWeights = false;
  return onnx->convert(onnx->load(file.string(), kMapWeights));
}

/// As the kernel tells it; OpenVINO's own property would load its CPU plugin.
std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "an unknown processor";
}

/// Gives freed heap back to the system: a network's weights, and what compiling it took, are tens of megabytes.
void return_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

class OpenVinoExecution final : public Execution {
 public:
  explicit OpenVinoExecution(ov::CompiledModel model)
      : model_(std::move(model)), request_(model_.create_infer_request()), outputs_(model_.outputs().size()) {
    shapes_.resize(outputs_.size());
  }

  Status run(std::span<const TensorView> inputs) override {
    auto ran = guarded(Code::internal, [&]() -> Status {
      if (inputs.size() != model_.inputs().size()) {
        return Error{Code::internal, "the network has " + std::to_string(model_.inputs().size()) + " inputs, " +
                                         std::to_string(inputs.size()) + " were given"};
      }
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const ov::Shape shape(inputs[i].shape.begin(), inputs[i].shape.end());
        // OpenVINO takes a mutable pointer for tensors that it only reads.
        request_.set_input_tensor(i, ov::Tensor(ov::element::f32, shape, const_cast<float*>(inputs[i].data.data())));
      }
      request_.infer();
      for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const ov::Tensor tensor = request_.get_output_tensor(i);
        const auto& shape = tensor.get_shape();
        shapes_[i].assign(shape.begin(), shape.end());
        outputs_[i] = {shapes_[i], std::span<const float>(tensor.data<float>(), tensor.get_size())};
      }
      return {};
    });
    if (!ran) return told("the network failed", ran.error());
    return ran;
  }

  std::span<const TensorView> outputs() const override { return outputs_; }

 private:
  ov::CompiledModel model_;
  ov::InferRequest request_;
  std::vector<Shape> shapes_;
  std::vector<TensorView> outputs_;
};

class OpenVinoSession final : public Session {
 public:
  OpenVinoSession(ov::CompiledModel model, GraphInfo graph) : model_(std::move(model)), graph_(std::move(graph)) {
    graph_.inputs = specs_of(model_.inputs());
    graph_.outputs = specs_of(model_.outputs());
    streams_ = static_cast<int>(model_.get_property(ov::optimal_number_of_infer_requests));
  }

  const GraphInfo& graph() const override { return graph_; }
  int streams() const override { return streams_; }
  std::string_view backend() const override { return kOpenVino; }

  Result<std::unique_ptr<Execution>> create_execution() override {
    auto made = guarded(Code::internal, [&]() -> Result<std::unique_ptr<Execution>> {
      return std::unique_ptr<Execution>(std::make_unique<OpenVinoExecution>(model_));
    });
    if (!made) return told("the network cannot be run", made.error());
    return made;
  }

  void release_memory() override {
    // What it may throw says that an execution is running: then the memory is in use.
    static_cast<void>(guarded(Code::internal, [&]() -> Status {
      model_.release_memory();
      return {};
    }));
    return_free_memory();
  }

 private:
  ov::CompiledModel model_;
  GraphInfo graph_;
  int streams_ = 1;
};

class OpenVinoGraph final : public Graph {
 public:
  OpenVinoGraph(ov::Core core, std::shared_ptr<ov::Model> model, NetworkFile file, OpenVinoOptions options, Log log)
      : core_(std::move(core)),
        model_(std::move(model)),
        file_(std::move(file)),
        options_(options),
        log_(std::move(log)) {
    info_.metadata = metadata_of(*model_);
    info_.element_type = weights_type(*model_);
    const std::shared_ptr<const ov::Model> readable = model_;
    info_.inputs = specs_of(readable->inputs());
    info_.outputs = specs_of(readable->outputs());
  }

  ~OpenVinoGraph() override {
    model_.reset();
    return_free_memory();
  }
  OpenVinoGraph(const OpenVinoGraph&) = delete;
  OpenVinoGraph& operator=(const OpenVinoGraph&) = delete;

  const GraphInfo& info() const override { return info_; }

  Result<std::shared_ptr<Session>> compile(const CompileOptions& options) override {
    auto session = guarded(Code::unsupported, [&]() -> Result<std::shared_ptr<Session>> {
      fix_input_shape(options);
      const ov::AnyMap properties = core_use(options.streams);
      auto compiled = compile_network(core_, model_, file_, properties, options, log_);
      return_free_memory();
      return std::shared_ptr<Session>(std::make_shared<OpenVinoSession>(std::move(compiled), info_));
    });
    if (!session) {
      log_->debug("compiling: OpenVINO said: {}", session.error().message);
      return told("the network cannot be compiled", session.error());
    }
    return session;
  }

 private:
  /// A run happens on its caller's thread, helped by those of OpenVINO's pool where a stream has more than one core.
  /// Nothing is pinned to a core: the callers' threads have other work, and other processes are there too.
  ov::AnyMap core_use(int streams) const {
    ov::AnyMap properties{ov::hint::inference_precision(ov::element::f32), ov::hint::enable_cpu_pinning(false)};
    if (streams > 1) {
      properties.emplace(ov::num_streams(streams));
    } else {
      properties.emplace(ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY));
    }
    if (options_.threads > 0) properties.emplace(ov::inference_num_threads(options_.threads));
    return properties;
  }

  void fix_input_shape(const CompileOptions& options) {
    const auto shape = model_->input(0).get_partial_shape();
    if (shape.rank().is_dynamic() || shape.size() != 4) return;
    auto fixed = shape;
    if (options.batch && shape[0].is_dynamic()) fixed[0] = *options.batch;
    if (options.input_height_width && !(shape[2].is_static() && shape[3].is_static())) {
      fixed[2] = options.input_height_width->first;
      fixed[3] = options.input_height_width->second;
    }
    if (fixed != shape) model_->reshape({{model_->input(0), fixed}});
  }

  ov::Core core_;
  std::shared_ptr<ov::Model> model_;
  NetworkFile file_;
  OpenVinoOptions options_;
  Log log_;
  GraphInfo info_;
};

class OpenVinoEngine final : public Engine {
 public:
  OpenVinoEngine(ov::Core core, OpenVinoOptions options, Log log)
      : core_(std::move(core)), options_(options), log_(std::move(log)) {}

  EngineInfo info() const override {
    EngineInfo info{std::string(kOpenVino), ov::get_openvino_version().buildNumber, processor_name(), options_.threads};
    if (info.threads <= 0) info.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return info;
  }

  Result<std::unique_ptr<Graph>> read(const std::filesystem::path& onnx_file) override {
    std::error_code error;
    if (!std::filesystem::is_regular_file(onnx_file, error)) {
      return Error{Code::not_found, "no file " + onnx_file.filename().string()};
    }
    auto graph = guarded(Code::data_corrupted, [&]() -> Result<std::unique_ptr<Graph>> {
      NetworkFile file{onnx_file, state_of(onnx_file)};
      auto model = with_float_ports(read_onnx(onnx_file));
      return std::unique_ptr<Graph>(
          std::make_unique<OpenVinoGraph>(core_, std::move(model), std::move(file), options_, log_));
    });
    if (!graph) {
      log_->debug("{}: OpenVINO said: {}", onnx_file.string(), graph.error().message);
      return refusal_of(onnx_file, graph.error());
    }
    return graph;
  }

 private:
  ov::Core core_;
  OpenVinoOptions options_;
  Log log_;
};

}  // namespace

Result<std::unique_ptr<Engine>> create_openvino_engine(const OpenVinoOptions& options, const Log& log) {
  auto engine = guarded(Code::unavailable, [&]() -> Result<std::unique_ptr<Engine>> {
    // The CPU plugin is loaded with the first network: until then it would only hold memory.
    return std::unique_ptr<Engine>(std::make_unique<OpenVinoEngine>(ov::Core(), options, log));
  });
  if (!engine) return std::move(engine).error().with_context("OpenVINO cannot be started");
  return engine;
}

}  // namespace osprey::engine
