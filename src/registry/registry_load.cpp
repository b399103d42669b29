// Bringing models in: the disk is looked at, the hub asked, the network compiled, each on threads of its own, so that
// none waits for another's kind of work.
#include <exception>
#include <set>
#include <utility>
#include <vector>

#include "registry/registry_impl.hpp"

namespace osprey::registry {
namespace {

/// What a live model keeps: the hold on its package in the hub's cache; and that it is gone is noted at its end.
struct Kept {
  Kept(std::shared_ptr<const hub::CachedPackage> the_package, std::shared_ptr<std::atomic<std::uint64_t>> the_count)
      : package(std::move(the_package)), unloaded(std::move(the_count)) {}
  ~Kept() { ++*unloaded; }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  std::shared_ptr<const hub::CachedPackage> package;
  std::shared_ptr<std::atomic<std::uint64_t>> unloaded;
};

}  // namespace

void ModelRegistry::Impl::bring_in(Waiter waiter) {
  const std::string resolved_id = source.resolve(waiter.model_id);
  SharedLoad begun;
  SharedModel twin;  // the same network, live under another id, or since a moment ago
  bool to_prove = false;
  Answers answers;
  {
    const std::lock_guard lock(mutex);
    const auto running = loads.find(resolved_id);
    const auto refuse = [&](Error error) { answers.answers.push_back({std::move(waiter.on_lease), std::move(error)}); };
    twin = live.find_resolved(resolved_id);
    if (stopping) {
      refuse({Code::unavailable, "the server is shutting down"});
    } else if (twin) {
      to_prove = !is_allowed(*twin, waiter.api_key);
      if (!to_prove) admit(std::move(waiter), twin, false, true, answers);
    } else if (auto room = live.check_room(waiter.model_id); !room) {
      refuse(std::move(room).error());
    } else if (running != loads.end()) {
      auto& load = running->second;
      // A load that tries each key tries this one too.
      if (load->each_key && !load->compiling && load->fetching.insert(waiter.api_key).second) {
        start_fetch(load, waiter.api_key);
      }
      load->waiters.push_back(std::move(waiter));
    } else if (loads.size() >= options.max_loading) {
      refuse({Code::overloaded,
              "the server is loading " + std::to_string(loads.size()) + " other models; try again later"});
    } else {
      begun = std::make_shared<Load>(resolved_id, context.clock->now());
      begun->waiters.push_back(std::move(waiter));
      loads.emplace(resolved_id, begun);
    }
  }
  answers.give();
  if (to_prove) return apply({std::move(waiter), std::move(twin), false});
  if (begun) locators.submit([this, begun] { locate(begun); });
}

void ModelRegistry::Impl::preload() {
  std::set<std::string> ids;
  for (const auto* list : {&options.pinned, &options.preload}) {
    for (const auto& id : *list) ids.insert(source.resolve(id));
  }
  to_preload = ids.size();
  for (const auto& id : ids) {
    OnLease tried = [this, id](const Result<ModelLease>& lease) {
      if (!lease) context.log->warn("{} is not loaded at the start: {}", id, lease.error().message);
      const std::lock_guard lock(mutex);
      --to_preload;
    };
    if (auto checked = check_model_id(id); !checked) {
      tried(std::move(checked).error());
    } else {
      bring_in({id, {}, options.preload_key == "local" ? std::string() : options.preload_key, std::move(tried)});
    }
  }
}

void ModelRegistry::Impl::locate(const SharedLoad& load) {
  auto found = source.find_in_folder(load->resolved_id);
  if (!found) return fail(load, found.error());
  const auto& folder = *found;
  if (!folder && source.hub() == nullptr) {
    return fail(load, {Code::not_found, "no package " + load->resolved_id + " in the models folder"});
  }
  const PackageStamp stamp = folder ? stamp_of(*folder) : PackageStamp();
  std::optional<Error> failure;
  std::string api_key;
  {
    const std::lock_guard lock(mutex);
    if (!is_current(load)) return;
    failure = failures.recall(load->resolved_id, stamp, context.clock->now());
    if (!failure && !folder) {
      api_key = load->waiters.front().api_key;
      load->fetching.insert(api_key);
    }
  }
  if (failure) return fail(load, *failure);
  if (folder) return start_compile(load, {*folder, nullptr});
  start_fetch(load, api_key);
}

void ModelRegistry::Impl::start_fetch(const SharedLoad& load, const std::string& api_key) {
  locators.submit([this, load, api_key] {
    auto& pool = source.hub()->is_cached(load->resolved_id) ? cache_readers : fetchers;
    pool.submit([this, load, api_key] { fetch(load, api_key); });
  });
}

void ModelRegistry::Impl::fetch(const SharedLoad& load, const std::string& api_key) {
  auto& hub = *source.hub();
  Status allowed;
  if (options.check_access) allowed = hub.check_access(load->resolved_id, api_key);
  auto got = allowed ? hub.get(load->resolved_id, api_key, stopped, {})
                     : Result<hub::CachedPackage>(std::move(allowed).error());
  {
    const std::lock_guard lock(mutex);
    load->fetching.erase(api_key);
    if (got && options.check_access) known_access.note(load->resolved_id, api_key, context.clock->now());
    if (load->compiling || !is_current(load)) return;  // another key was faster
  }
  if (got) {
    const auto cached = std::make_shared<const hub::CachedPackage>(std::move(got).value());
    return start_compile(load, {cached->folder(), cached});
  }
  const Error& error = got.error();
  if (depends_on_key(error.code)) return refuse_key(load, api_key, error);
  context.log->warn("model {} was not fetched: {}", load->resolved_id, error.message);
  fail(load, error);
}

void ModelRegistry::Impl::refuse_key(const SharedLoad& load, const std::string& api_key, const Error& error) {
  context.log->info("model {} was not fetched: {}", load->resolved_id, error.message);
  Answers answers;
  {
    const std::lock_guard lock(mutex);
    if (load->compiling || !is_current(load)) return;
    std::vector<Waiter> others;
    for (auto& waiter : load->waiters) {
      if (waiter.api_key == api_key) {
        answers.answers.push_back({std::move(waiter.on_lease), error});
      } else {
        others.push_back(std::move(waiter));
      }
    }
    load->waiters = std::move(others);
    load->each_key = true;
    for (const auto& waiter : load->waiters) {
      if (load->fetching.insert(waiter.api_key).second) start_fetch(load, waiter.api_key);
    }
    if (load->waiters.empty()) {
      loads.erase(load->resolved_id);
      ++counts.load_failures;
    }
  }
  answers.give();
}

void ModelRegistry::Impl::start_compile(const SharedLoad& load, Located package) {
  {
    const std::lock_guard lock(mutex);
    if (std::exchange(load->compiling, true)) return;
  }
  compilers.submit([this, load, package = std::move(package)] {
    try {
      compile(load, package);
    } catch (const std::exception& e) {  // out of memory, for one
      fail(load, {Code::internal, "Model loading failed: model " + load->resolved_id + ": " + e.what()});
    }
  });
}

void ModelRegistry::Impl::compile(const SharedLoad& load, const Located& package) {
  const PackageStamp stamp = package.cached ? PackageStamp() : stamp_of(package.folder);
  auto model = load_from(load->resolved_id, package, stamp, load->began);
  if (model) return publish(load, *model);

  const Error& error = model.error();
  const bool damaged = package.cached && error.code == Code::data_corrupted;
  if (damaged) source.hub()->discard(*package.cached);  // so that the next try fetches other bytes
  if (!damaged && !is_transient(error.code)) {
    const std::lock_guard lock(mutex);
    failures.remember(load->resolved_id, stamp, error, context.clock->now());
  }
  fail(load, error);
}

Result<SharedModel> ModelRegistry::Impl::load_from(const std::string& resolved_id, const Located& package,
                                                   const PackageStamp& stamp, TimePoint began) {
  auto loaded = load_model(resolved_id, package.folder, context);
  if (!package.cached && stamp_of(package.folder) != stamp) {
    return Error{Code::unavailable, "the package of model " + resolved_id +
                                        " is being written at this moment; try again when that is done"};
  }
  if (!loaded) return std::move(loaded).error().with_context("Model loading failed");
  auto model = std::make_shared<LiveModel>(**loaded);
  model->keep = std::make_shared<Kept>(package.cached, unloaded);
  model->resolved_id = resolved_id;
  model->stamp = stamp;
  model->load_seconds = seconds_between(began, context.clock->now());
  if (package.cached) {
    model->from_hub = true;
    if (!package.cached->package_id().empty()) model->package.package_id = package.cached->package_id();
  }
  return SharedModel(std::move(model));
}

void ModelRegistry::Impl::publish(const SharedLoad& load, const SharedModel& model) {
  Answers answers;
  std::vector<Applicant> unproven;
  {
    const std::lock_guard lock(mutex);
    failures.forget(load->resolved_id);
    ++counts.loads;
    counts.load_seconds += model->load_seconds;
    if (!is_current(load)) return;
    for (auto& waiter : load->waiters) {
      if (is_allowed(*model, waiter.api_key)) {
        admit(std::move(waiter), model, true, false, answers);
      } else {
        unproven.push_back({std::move(waiter), model, true});
      }
    }
    loads.erase(load->resolved_id);
  }
  answers.give();
  for (auto& applicant : unproven) apply(std::move(applicant));
}

void ModelRegistry::Impl::fail(const SharedLoad& load, const Error& error) {
  Answers answers;
  {
    const std::lock_guard lock(mutex);
    if (!is_current(load)) return;
    ++counts.load_failures;
    for (auto& waiter : load->waiters) answers.answers.push_back({std::move(waiter.on_lease), error});
    loads.erase(load->resolved_id);
  }
  answers.give();
}

bool ModelRegistry::Impl::is_current(const SharedLoad& load) const {
  const auto found = loads.find(load->resolved_id);
  return found != loads.end() && found->second == load;
}

}  // namespace osprey::registry
