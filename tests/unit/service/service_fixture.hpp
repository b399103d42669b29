// A prediction service over one fake model, run step by step on the test's own thread.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fake_models.hpp"
#include "service/prediction_service.hpp"

namespace osprey::service {

class ServiceFixture : public testing::Test {
 protected:
  using Outputs = Result<std::vector<engine::FakeOutput>>;

  ServiceFixture() { write_fake_detector(root.path(), "fake/1"); }

  /// Loads the model first, so that predictions run on the test's own thread.
  void load() {
    std::promise<bool> loaded;
    registry->acquire({"fake/1", "/p", {}},
                      [&](Result<registry::ModelLease> lease) { loaded.set_value(lease.has_value()); });
    ASSERT_TRUE(loaded.get_future().get());
  }
  void run_dry() {
    while (scheduler.run_one()) {
    }
  }

  TemporaryFolder root;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  scheduler::Scheduler scheduler{0, clock, std::chrono::seconds(30)};
  std::function<Outputs(std::span<const TensorView>)> network = fake_detector;
  std::unique_ptr<engine::Engine> engine = engine::create_fake_engine(
      fake_detector_graph(), [this](std::span<const TensorView> inputs) { return network(inputs); });
  std::unique_ptr<registry::ModelRegistry> registry = std::make_unique<registry::ModelRegistry>(
      registry::RegistryOptions{}, std::move(registry::ModelFolder::open(root.path())).value(),
      registry::LoaderContext{*engine, scheduler, clock, make_null_log(), {}});
  static ServiceOptions small() {
    ServiceOptions options;
    options.threads = 2;
    options.max_in_flight = 8;
    return options;
  }
  PredictionService service{small(), *registry, scheduler, clock};
};

}  // namespace osprey::service
