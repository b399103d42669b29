// A registry over packages written by the test, with networks that the test can hold up or break.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fake_hub.hpp"
#include "fake_models.hpp"
#include "registry/model_registry.hpp"

namespace osprey::registry {

class RegistryFixture : public testing::Test {
 protected:
  RegistryFixture() { options.folder_interval = {}; }

  /// Every load runs its network at least once; while the gate is closed it waits there.
  Result<std::vector<engine::FakeOutput>> run(std::span<const TensorView> inputs) {
    ++runs;
    if (during_run) during_run();
    std::unique_lock lock(mutex);
    opened.wait(lock, [&] { return gate_open; });
    if (throwing) throw std::bad_alloc();
    if (!broken.empty()) return Error{Code::unsupported, broken};
    return fake_detector(inputs);
  }
  void set_gate(bool open) {
    const std::lock_guard lock(mutex);
    gate_open = open;
    opened.notify_all();
  }
  /// What networks say from now on instead of running; empty: they run.
  void set_broken(std::string why) {
    const std::lock_guard lock(mutex);
    broken = std::move(why);
  }

  /// Networks throw from now on.
  void set_throwing(bool on) {
    const std::lock_guard lock(mutex);
    throwing = on;
  }

  void write(const std::string& id) { write_fake_detector(root.path(), id); }
  void set_classes(const std::string& id, const std::string& names) {
    write_file(root.path() / id / "class_names.txt", names);
  }

  std::unique_ptr<ModelRegistry> make_with(hub::Hub* with_hub) {
    return std::make_unique<ModelRegistry>(options, std::move(ModelFolder::open(root.path())).value(),
                                           LoaderContext{*engine, scheduler, clock, make_null_log(), {}}, with_hub);
  }
  std::unique_ptr<ModelRegistry> make() { return make_with(nullptr); }

  using FutureLease = std::future<Result<ModelLease>>;
  static FutureLease acquire(ModelRegistry& registry, std::string_view id, std::string_view key = {},
                             std::string_view path = "/p") {
    auto promise = std::make_shared<std::promise<Result<ModelLease>>>();
    registry.acquire({id, path, key}, [promise](Result<ModelLease> lease) { promise->set_value(std::move(lease)); });
    return promise->get_future();
  }
  /// Its first class tells which files a model was made from.
  static std::string first_class(ModelRegistry& registry, std::string_view id) {
    auto lease = acquire(registry, id).get();
    return lease ? (*lease)->package.family.class_names.front() : lease.error().message;
  }
  static bool is_ready(const FutureLease& lease) {
    return lease.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  static std::vector<std::string> ids(const ModelRegistry& registry) {
    std::vector<std::string> result;
    for (const auto& model : registry.list()) result.push_back(model.model_id);
    return result;
  }
  /// Waits until it holds, for what happens on the registry's threads.
  template <typename Condition>
  static bool soon(Condition condition) {
    for (int i = 0; i < 10'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  TemporaryFolder root;
  RegistryOptions options;
  std::atomic<int> runs{0};
  std::mutex mutex;
  std::condition_variable opened;
  bool gate_open = true;
  std::function<void()> during_run;  ///< set before anything loads
  std::string broken;
  bool throwing = false;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  scheduler::Scheduler scheduler{0, clock};
  std::unique_ptr<engine::Engine> engine = engine::create_fake_engine(
      fake_detector_graph(), [this](std::span<const TensorView> inputs) { return run(inputs); });
  FakeHub hub;
};

}  // namespace osprey::registry
