#include "registry/model_registry.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace osprey::registry {

struct ModelRegistry::Impl {
  struct Live {
    std::shared_ptr<const LiveModel> model;
    std::set<std::string, std::less<>> request_paths;
    std::size_t loaded_at = 0;  // of a count of loads: the order told by list()
    std::size_t used_at = 0;    // of a count of uses: the least is evicted first
  };
  struct Waiter {
    std::string request_path;
    OnLease on_lease;
  };

  Impl(RegistryOptions the_options, std::optional<ModelFolder> the_folder, LoaderContext the_context)
      : options(the_options), folder(std::move(the_folder)), context(std::move(the_context)) {}

  Result<std::shared_ptr<const LiveModel>> resolve_and_load(const std::string& model_id) {
    if (!folder) return Error{Code::not_found, "no models folder is set"};
    auto package_folder = folder->find(model_id);
    if (!package_folder) return std::move(package_folder).error();
    return load_model(model_id, *package_folder, context);
  }

  /// Loads one model and calls those who wait for it.
  void load(const std::string& model_id) {
    auto loaded = resolve_and_load(model_id);
    std::vector<Waiter> called;
    std::vector<std::shared_ptr<const LiveModel>> evicted;  // destroyed after the lock is gone
    {
      const std::lock_guard lock(mutex);
      const auto found = loading.find(model_id);
      called = std::move(found->second);
      loading.erase(found);
      if (loaded) {
        evicted = make_room();
        auto& entry = live[model_id];
        entry.model = *loaded;
        entry.loaded_at = ++loads;
        entry.used_at = ++uses;
        for (const auto& waiter : called) entry.request_paths.insert(waiter.request_path);
      }
    }
    for (const auto& model : evicted)
      context.log->info("model {} is unloaded to make room for {}", model->id, model_id);
    for (auto& waiter : called) {
      if (loaded) {
        waiter.on_lease(ModelLease(*loaded, true));
      } else {
        waiter.on_lease(loaded.error());
      }
    }
  }

  /// Takes out the least recently used models until one more fits. Requires the mutex.
  std::vector<std::shared_ptr<const LiveModel>> make_room() {
    std::vector<std::shared_ptr<const LiveModel>> evicted;
    while (!live.empty() && live.size() >= options.max_active_models) {
      const auto least = std::min_element(
          live.begin(), live.end(), [](const auto& a, const auto& b) { return a.second.used_at < b.second.used_at; });
      evicted.push_back(std::move(least->second.model));
      live.erase(least);
    }
    return evicted;
  }

  void work() {
    while (true) {
      std::string model_id;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return stopping || !to_load.empty(); });
        if (stopping) return;
        model_id = std::move(to_load.front());
        to_load.pop_front();
      }
      load(model_id);
    }
  }

  const RegistryOptions options;
  const std::optional<ModelFolder> folder;
  const LoaderContext context;

  mutable std::mutex mutex;  // guards all below
  std::condition_variable wake;
  std::map<std::string, Live, std::less<>> live;
  std::map<std::string, std::vector<Waiter>, std::less<>> loading;
  std::deque<std::string> to_load;
  std::size_t loads = 0;
  std::size_t uses = 0;
  bool stopping = false;

  std::vector<std::jthread> loaders;
};

ModelRegistry::ModelRegistry(RegistryOptions options, std::optional<ModelFolder> folder, LoaderContext context)
    : impl_(std::make_unique<Impl>(options, std::move(folder), std::move(context))) {
  for (std::size_t i = 0; i < options.loader_threads; ++i) {
    impl_->loaders.emplace_back([impl = impl_.get()] { impl->work(); });
  }
}

ModelRegistry::~ModelRegistry() {
  std::map<std::string, std::vector<Impl::Waiter>, std::less<>> abandoned;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->wake.notify_all();
  }
  impl_->loaders.clear();  // joins
  {
    const std::lock_guard lock(impl_->mutex);
    abandoned.swap(impl_->loading);
  }
  for (auto& [id, waiters] : abandoned) {
    for (auto& waiter : waiters) waiter.on_lease(Error{Code::unavailable, "the server is shutting down"});
  }
}

void ModelRegistry::acquire(const ModelRequest& request, OnLease on_lease) {
  const auto model_id = request.model_id;
  const auto request_path = request.request_path;
  if (auto checked = check_model_id(model_id); !checked) {
    on_lease(std::move(checked).error());
    return;
  }
  ModelLease lease;
  {
    const std::lock_guard lock(impl_->mutex);
    const auto found = impl_->live.find(model_id);
    if (found != impl_->live.end()) {
      auto& entry = found->second;
      entry.used_at = ++impl_->uses;
      if (!entry.request_paths.contains(request_path)) entry.request_paths.emplace(request_path);
      lease = ModelLease(entry.model, false);
    } else {
      auto& waiters = impl_->loading[std::string(model_id)];
      waiters.push_back({std::string(request_path), std::move(on_lease)});
      if (waiters.size() == 1) {
        impl_->to_load.emplace_back(model_id);
        impl_->wake.notify_one();
      }
    }
  }
  if (lease) on_lease(std::move(lease));
}

std::vector<ModelDescription> ModelRegistry::list() const {
  std::vector<std::pair<std::size_t, ModelDescription>> ordered;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& [id, entry] : impl_->live) {
      const auto& package = entry.model->package;
      ModelDescription description{
          id, package.family.task, std::nullopt, {entry.request_paths.begin(), entry.request_paths.end()}};
      if (!package.dynamic_input_size) description.input = package.preprocess.network;
      ordered.emplace_back(entry.loaded_at, std::move(description));
    }
  }
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<ModelDescription> descriptions;
  for (auto& [order, description] : ordered) descriptions.push_back(std::move(description));
  return descriptions;
}

bool ModelRegistry::remove(std::string_view model_id) {
  std::shared_ptr<const LiveModel> removed;  // destroyed after the lock is gone
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->live.find(model_id);
  if (found == impl_->live.end()) return false;
  removed = std::move(found->second.model);
  impl_->live.erase(found);
  return true;
}

void ModelRegistry::clear() {
  std::map<std::string, Impl::Live, std::less<>> removed;
  const std::lock_guard lock(impl_->mutex);
  removed.swap(impl_->live);
}

std::vector<std::string> ModelRegistry::available() const {
  return impl_->folder ? impl_->folder->list() : std::vector<std::string>();
}

}  // namespace osprey::registry
