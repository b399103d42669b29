#include "engine/fallback_engine.hpp"

#include <utility>

namespace osprey::engine {
namespace {

bool is_refusal(Code code) {
  return code == Code::unsupported || code == Code::data_corrupted;
}

/// The second backend, and the telling of what the first refused.
struct Second {
  std::shared_ptr<Engine> engine;
  Log log;

  Result<std::unique_ptr<Graph>> read(const std::filesystem::path& file, const Error& refusal) const {
    auto graph = engine->read(file);
    if (graph) return graph;
    const auto level = graph.error().code == Code::unavailable ? spdlog::level::warn : spdlog::level::debug;
    log->log(level, "{}: not in the second engine either: {}", file.string(), graph.error().message);
    return refusal;
  }

  void tell(const std::filesystem::path& file, std::string_view backend, const Error& refusal) const {
    log->warn("{} runs in {}: {}", file.string(), backend, refusal.message);
  }
};

class FallbackGraph final : public Graph {
 public:
  FallbackGraph(std::unique_ptr<Graph> graph, std::filesystem::path file, Second second)
      : graph_(std::move(graph)), file_(std::move(file)), second_(std::move(second)) {}

  const GraphInfo& info() const override { return graph_->info(); }

  Result<std::shared_ptr<Session>> compile(const CompileOptions& options) override {
    auto session = graph_->compile(options);
    if (session || !is_refusal(session.error().code)) return session;
    return compile_elsewhere(options, session.error());
  }

  Result<std::shared_ptr<Session>> compile_elsewhere(const CompileOptions& options, const Error& refusal) override {
    auto graph = second_.read(file_, refusal);
    if (!graph) return std::move(graph).error();
    auto session = (*graph)->compile(options);
    if (!session) return refusal;
    second_.tell(file_, (*session)->backend(), refusal);
    return session;
  }

 private:
  std::unique_ptr<Graph> graph_;
  std::filesystem::path file_;
  Second second_;
};

class FallbackEngine final : public Engine {
 public:
  FallbackEngine(std::unique_ptr<Engine> first, std::unique_ptr<Engine> second, Log log)
      : first_(std::move(first)), second_{std::move(second), std::move(log)} {}

  EngineInfo info() const override { return first_->info(); }

  Result<std::unique_ptr<Graph>> read(const std::filesystem::path& onnx_file) override {
    auto graph = first_->read(onnx_file);
    if (graph) {
      return std::unique_ptr<Graph>(std::make_unique<FallbackGraph>(std::move(graph).value(), onnx_file, second_));
    }
    if (!is_refusal(graph.error().code)) return graph;
    auto other = second_.read(onnx_file, graph.error());
    if (other) second_.tell(onnx_file, second_.engine->info().name, graph.error());
    return other;
  }

 private:
  std::unique_ptr<Engine> first_;
  Second second_;
};

}  // namespace

std::unique_ptr<Engine> create_fallback_engine(std::unique_ptr<Engine> first, std::unique_ptr<Engine> second, Log log) {
  return std::make_unique<FallbackEngine>(std::move(first), std::move(second), std::move(log));
}

}  // namespace osprey::engine
