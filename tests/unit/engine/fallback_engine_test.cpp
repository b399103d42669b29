#include "engine/fallback_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/backends.hpp"
#include "fake_models.hpp"

namespace osprey::engine {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::filesystem::path kModels = OSPREY_MODELS;
const std::filesystem::path kSmall = OSPREY_SMALL_NETWORKS;

/// What an engine that is a double does with every file.
struct Behaviour {
  std::string name;
  std::optional<Error> read_error;
  std::optional<Error> compile_error;
};

class NamedSession final : public Session {
 public:
  explicit NamedSession(std::string name) : name_(std::move(name)) {}
  const GraphInfo& graph() const override { return graph_; }
  int streams() const override { return 1; }
  std::string_view backend() const override { return name_; }
  Result<std::unique_ptr<Execution>> create_execution() override { return Error{Code::internal, "not used here"}; }

 private:
  std::string name_;
  GraphInfo graph_;
};

class NamedGraph final : public Graph {
 public:
  explicit NamedGraph(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}
  const GraphInfo& info() const override { return info_; }
  Result<std::shared_ptr<Session>> compile(const CompileOptions& /*options*/) override {
    if (behaviour_.compile_error) return *behaviour_.compile_error;
    return std::shared_ptr<Session>(std::make_shared<NamedSession>(behaviour_.name));
  }

 private:
  Behaviour behaviour_;
  GraphInfo info_;
};

class NamedEngine final : public Engine {
 public:
  explicit NamedEngine(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}
  EngineInfo info() const override { return {behaviour_.name, "1", "none", 1}; }
  Result<std::unique_ptr<Graph>> read(const std::filesystem::path& /*file*/) override {
    if (behaviour_.read_error) return *behaviour_.read_error;
    return std::unique_ptr<Graph>(std::make_unique<NamedGraph>(behaviour_));
  }

 private:
  Behaviour behaviour_;
};

std::unique_ptr<Engine> combine(Behaviour first, Behaviour second) {
  return create_fallback_engine(std::make_unique<NamedEngine>(std::move(first)),
                                std::make_unique<NamedEngine>(std::move(second)), make_null_log());
}

Result<std::string> backend_of(Engine& engine, const std::filesystem::path& file = "a.onnx") {
  auto graph = engine.read(file);
  if (!graph) return std::move(graph).error();
  auto session = (*graph)->compile({});
  if (!session) return std::move(session).error();
  return std::string((*session)->backend());
}

/// backend_of(), or why there is none.
std::string name_of(Engine& engine, const std::filesystem::path& file = "a.onnx") {
  const auto backend = backend_of(engine, file);
  return backend ? *backend : "none: " + backend.error().message;
}

TEST(FallbackEngine, PrefersTheFirst) {
  const auto engine = combine({"first", {}, {}}, {"second", {}, {}});
  EXPECT_EQ(name_of(*engine), "first");
  EXPECT_EQ(engine->info().name, "first");
}

TEST(FallbackEngine, TakesTheSecondWhereTheFirstRefusesTheFile) {
  for (const Code code : {Code::unsupported, Code::data_corrupted}) {
    const auto engine = combine({"first", Error{code, "lacks it"}, {}}, {"second", {}, {}});
    EXPECT_EQ(name_of(*engine), "second");
  }
}

TEST(FallbackEngine, TakesTheSecondWhereTheFirstCannotCompile) {
  const auto engine = combine({"first", {}, Error{Code::unsupported, "too deep"}}, {"second", {}, {}});
  EXPECT_EQ(name_of(*engine), "second");
}

TEST(FallbackEngine, CompilesElsewhereWhatDoesNotRun) {
  const auto engine = combine({"first", {}, {}}, {"second", {}, {}});
  auto graph = engine->read("a.onnx");
  auto session = (*graph)->compile_elsewhere({}, {Code::internal, "failed"});
  ASSERT_TRUE(session);
  EXPECT_EQ((*session)->backend(), "second");
}

TEST(FallbackEngine, GivesTheFirstsErrorWhereBothRefuse) {
  const Error first{Code::unsupported, "first says no"};
  const Error second{Code::data_corrupted, "second says no"};
  for (const auto& engine :
       {combine({"first", first, {}}, {"second", second, {}}), combine({"first", {}, first}, {"second", second, {}}),
        combine({"first", {}, first}, {"second", {}, second})}) {
    const auto backend = backend_of(*engine);
    ASSERT_FALSE(backend);
    EXPECT_EQ(backend.error().code, Code::unsupported);
    EXPECT_EQ(backend.error().message, "first says no");
  }
  const auto refusing = combine({"first", {}, {}}, {"second", second, {}});
  EXPECT_EQ((*refusing->read("a.onnx"))->compile_elsewhere({}, first).error().message, "first says no");
}

TEST(FallbackEngine, OtherErrorsAreNoRefusal) {
  const auto engine = combine({"first", Error{Code::not_found, "no file"}, {}}, {"second", {}, {}});
  EXPECT_EQ(backend_of(*engine).error().code, Code::not_found);
}

TEST(Backends, AutoRunsInOnnxRuntimeOnlyWhatOpenVinoRefuses) {
  auto engine = create_engine("auto", make_null_log());
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ(name_of(**engine, kModels / "emoji-classification/1/weights.onnx"), "openvino");
  EXPECT_EQ(name_of(**engine, kSmall / "max_unpool.onnx"), "onnxruntime");
}

TEST(Backends, ASettingForcesOne) {
  auto openvino = create_engine("openvino", make_null_log());
  ASSERT_TRUE(openvino) << openvino.error().message;
  const auto refused = backend_of(**openvino, kSmall / "max_unpool.onnx");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unsupported);
  EXPECT_THAT(refused.error().message, HasSubstr("max_unpool.onnx"));
  EXPECT_THAT(refused.error().message, HasSubstr("MaxUnpool"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("/")));
  auto onnxruntime = create_engine("onnxruntime", make_null_log());
  ASSERT_TRUE(onnxruntime) << onnxruntime.error().message;
  EXPECT_EQ(name_of(**onnxruntime, kModels / "emoji-classification/1/weights.onnx"), "onnxruntime");
}

TEST(Backends, NamesTheChoices) {
  const auto engine = create_engine("tensorflow", make_null_log());
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, Code::invalid_argument);
  EXPECT_THAT(engine.error().message, HasSubstr("auto, openvino or onnxruntime"));
}

}  // namespace
}  // namespace osprey::engine
