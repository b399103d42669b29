#include "engine/fake/fake_engine.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace osprey::engine {
namespace {

class FakeExecution final : public Execution {
 public:
  explicit FakeExecution(FakeFunction function) : function_(std::move(function)) {}

  Status run(std::span<const TensorView> inputs) override {
    auto result = function_(inputs);
    if (!result) return std::move(result).error();
    results_ = std::move(result).value();
    views_.clear();
    for (const auto& output : results_) views_.push_back({output.shape, output.data});
    return {};
  }

  std::span<const TensorView> outputs() const override { return views_; }

 private:
  FakeFunction function_;
  std::vector<FakeOutput> results_;
  std::vector<TensorView> views_;
};

class FakeSession final : public Session {
 public:
  FakeSession(GraphInfo graph, FakeFunction function, int streams)
      : graph_(std::move(graph)), function_(std::move(function)), streams_(streams) {}

  const GraphInfo& graph() const override { return graph_; }
  int streams() const override { return streams_; }
  std::string_view backend() const override { return "fake"; }
  Result<std::unique_ptr<Execution>> create_execution() override {
    return std::unique_ptr<Execution>(std::make_unique<FakeExecution>(function_));
  }

 private:
  GraphInfo graph_;
  FakeFunction function_;
  int streams_;
};

class FakeGraph final : public Graph {
 public:
  FakeGraph(GraphInfo graph, FakeFunction function, int streams)
      : graph_(std::move(graph)), function_(std::move(function)), streams_(streams) {}

  const GraphInfo& info() const override { return graph_; }
  Result<std::shared_ptr<Session>> compile(const CompileOptions& options) override {
    const int streams = std::max(streams_, options.streams);
    return std::shared_ptr<Session>(std::make_shared<FakeSession>(graph_, function_, streams));
  }

 private:
  GraphInfo graph_;
  FakeFunction function_;
  int streams_;
};

class FakeEngine final : public Engine {
 public:
  FakeEngine(GraphInfo graph, FakeNetworks networks, int streams)
      : graph_(std::move(graph)), networks_(std::move(networks)), streams_(streams) {}

  EngineInfo info() const override { return {"fake", "0", "none", 1}; }
  Result<std::unique_ptr<Graph>> read(const std::filesystem::path& onnx_file) override {
    if (!std::filesystem::exists(onnx_file)) return Error{Code::not_found, "no file " + onnx_file.string()};
    return std::unique_ptr<Graph>(std::make_unique<FakeGraph>(graph_, networks_(onnx_file), streams_));
  }

 private:
  GraphInfo graph_;
  FakeNetworks networks_;
  int streams_;
};

}  // namespace

std::unique_ptr<Engine> create_fake_engine(GraphInfo graph, FakeFunction function, int streams) {
  return create_fake_engine_of(
      std::move(graph), [function = std::move(function)](const std::filesystem::path&) { return function; }, streams);
}

std::unique_ptr<Engine> create_fake_engine_of(GraphInfo graph, FakeNetworks networks, int streams) {
  return std::make_unique<FakeEngine>(std::move(graph), std::move(networks), streams);
}

}  // namespace osprey::engine
