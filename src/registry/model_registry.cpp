#include "registry/model_registry.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "registry/registry_impl.hpp"

namespace osprey::registry {
namespace {

std::set<std::string, std::less<>> resolved(const PackageSource& source, const std::vector<std::string>& ids) {
  std::set<std::string, std::less<>> all;
  for (const auto& id : ids) all.insert(source.resolve(id));
  return all;
}

/// The reference's clients send "local" where they have no key.
std::string key_of(std::string_view api_key) {
  return api_key == "local" ? std::string() : std::string(api_key);
}

Error shutting_down() {
  return {Code::unavailable, "the server is shutting down"};
}

}  // namespace

ModelRegistry::Impl::Impl(RegistryOptions the_options, std::optional<ModelFolder> the_folder, LoaderContext the_context,
                          hub::Hub* hub)
    : options(std::move(the_options)),
      source(std::move(the_folder), hub),
      context(std::move(the_context)),
      live(options.max_active_models, resolved(source, options.pinned)),
      known_access(options.access_time),
      fetchers(std::max<std::size_t>(options.fetch_threads, 1)),
      compilers(std::max<std::size_t>(options.loader_threads, 1)) {}

void ModelRegistry::Impl::Answers::give() {
  for (auto& answer : answers) answer.give();
  evicted.clear();
}

void ModelRegistry::Impl::admit(Waiter waiter, const SharedModel& model, bool cold, bool at_once, Answers& answers) {
  auto own = live.use(waiter.model_id, waiter.request_path);
  if (!own) {
    auto copy = std::make_shared<LiveModel>(*model);
    copy->id = waiter.model_id;
    auto evicted = live.insert(std::move(copy));
    if (!evicted) return answers.answers.push_back({std::move(waiter.on_lease), std::move(evicted).error()});
    counts.evictions += evicted->size();
    for (auto& other : *evicted) {
      context.log->info("model {} is unloaded to make room for {}", other->id, waiter.model_id);
      answers.evicted.push_back(std::move(other));
    }
    own = live.use(waiter.model_id, waiter.request_path);
  }
  if (auto refusal = refusal_of(own)) {
    return answers.answers.push_back({std::move(waiter.on_lease), std::move(*refusal)});
  }
  answers.answers.push_back({std::move(waiter.on_lease), ModelLease(std::move(own), cold, at_once)});
}

ModelRegistry::ModelRegistry(RegistryOptions options, std::optional<ModelFolder> folder, LoaderContext context,
                             hub::Hub* hub)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(folder), std::move(context), hub)) {
  impl_->preload();
  if (impl_->options.folder_interval > std::chrono::milliseconds::zero()) {
    impl_->watcher = std::jthread([impl = impl_.get()](const std::stop_token& stop) { impl->keep_watch(stop); });
  }
}

ModelRegistry::~ModelRegistry() {
  std::vector<OnLease> abandoned;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (auto& [id, load] : impl_->loads) {
      for (auto& waiter : load->waiters) abandoned.push_back(std::move(waiter.on_lease));
    }
    for (auto& [asked, waiting] : impl_->applicants) {
      for (auto& applicant : waiting) abandoned.push_back(std::move(applicant.waiter.on_lease));
    }
    impl_->loads.clear();
    impl_->applicants.clear();
  }
  impl_->stopped.cancel();
  if (auto* hub = impl_->source.hub()) hub->stop();
  impl_->watcher = {};  // joins
  for (auto* pool : {&impl_->locators, &impl_->cache_readers, &impl_->fetchers, &impl_->compilers,
                     &impl_->access_checkers, &impl_->repairers}) {
    pool->stop();
  }
  for (auto& on_lease : abandoned) on_lease(shutting_down());
}

void ModelRegistry::acquire(const ModelRequest& request, OnLease on_lease) {
  if (auto checked = check_model_id(request.model_id); !checked) return on_lease(std::move(checked).error());
  ModelLease lease;
  std::optional<Error> refusal;
  SharedModel unproven;
  std::string api_key = key_of(request.api_key);
  {
    const std::lock_guard lock(impl_->mutex);
    auto model = impl_->live.find(request.model_id);
    if (model && impl_->is_allowed(*model, api_key)) {
      refusal = impl_->refusal_of(model);
      if (!refusal) lease = ModelLease(impl_->live.use(request.model_id, request.request_path), false, true);
    } else {
      unproven = std::move(model);
    }
  }
  if (lease) return on_lease(std::move(lease));
  if (refusal) return on_lease(std::move(*refusal));
  Impl::Waiter waiter{std::string(request.model_id), std::string(request.request_path), std::move(api_key),
                      std::move(on_lease)};
  if (unproven) {
    impl_->apply({std::move(waiter), std::move(unproven), false});
  } else {
    impl_->bring_in(std::move(waiter));
  }
}

std::string ModelRegistry::resolve(std::string_view model_id) const {
  return impl_->source.resolve(model_id);
}

std::vector<ModelDescription> ModelRegistry::list() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->live.describe();
}

bool ModelRegistry::remove(std::string_view model_id) {
  const std::string resolved_id = impl_->source.resolve(model_id);
  std::vector<SharedModel> removed;  // let go after the lock
  const std::lock_guard lock(impl_->mutex);
  // An alias and what it stands for are one network: its memory comes back when both are gone.
  for (const auto& model : impl_->live.models()) {
    if (model->resolved_id == resolved_id) removed.push_back(impl_->live.remove(model->id));
  }
  return !removed.empty();
}

void ModelRegistry::clear() {
  std::vector<SharedModel> removed;  // let go after the lock
  const std::lock_guard lock(impl_->mutex);
  removed = impl_->live.clear();
}

std::vector<std::string> ModelRegistry::available() const {
  return impl_->source.list_folder();
}

std::vector<std::string> ModelRegistry::versions(std::string_view project) const {
  auto versions = impl_->source.list_versions(project);
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& model : impl_->live.models()) {
      const std::string_view id = model->id;
      if (id.size() > project.size() && id.starts_with(project) && id[project.size()] == '/') {
        versions.emplace_back(id.substr(project.size() + 1));
      }
    }
  }
  // What is no number is older than what is one; of numbers without leading zeros the longer is the higher.
  const auto rank = [](const std::string& version) {
    const bool number = std::all_of(version.begin(), version.end(), [](char c) { return c >= '0' && c <= '9'; });
    return std::tuple(number, number ? version.size() : 0, std::string_view(version));
  };
  std::sort(versions.begin(), versions.end(),
            [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  return versions;
}

bool ModelRegistry::preloaded() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->to_preload == 0;
}

RegistryStats ModelRegistry::stats() const {
  RegistryStats stats;
  std::vector<SharedModel> models;
  {
    const std::lock_guard lock(impl_->mutex);
    stats = impl_->counts;
    stats.live = impl_->live.size();
    stats.loading = impl_->loads.size();
    models = impl_->live.models();
  }
  std::set<std::string_view> told;
  for (const auto& model : models) {
    if (!told.insert(model->resolved_id).second) continue;
    stats.models.push_back({model->resolved_id, model->lane->stats(), model->health->failures(), model->health->out()});
  }
  return stats;
}

void ModelRegistry::check_folder() {
  impl_->check_folder();
}

}  // namespace osprey::registry
