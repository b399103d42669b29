// An engine for tests: its networks are functions, its files only have to exist.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "engine/session.hpp"

namespace osprey::engine {

/// An output of a fake network.
struct FakeOutput {
  Shape shape;
  std::vector<float> data;
};

/// What a fake network computes. Called from several threads at once.
using FakeFunction = std::function<Result<std::vector<FakeOutput>>(std::span<const TensorView> inputs)>;

/// An engine whose read() gives the same network for every file that exists. `streams` executions at a time.
[[nodiscard]] std::unique_ptr<Engine> create_fake_engine(GraphInfo graph, FakeFunction function, int streams = 1);

/// The same with a network of its own for each file.
using FakeNetworks = std::function<FakeFunction(const std::filesystem::path& onnx_file)>;
[[nodiscard]] std::unique_ptr<Engine> create_fake_engine_of(GraphInfo graph, FakeNetworks networks, int streams = 1);

}  // namespace osprey::engine
