// Packages that change while their models are live.
#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "registry/registry_impl.hpp"

namespace osprey::registry {
namespace {

// A package that is swapped by two renames is away for a moment.
constexpr int kLooksUntilGone = 2;

/// Gives freed memory back to the system: the allocator keeps what a large model leaves behind.
void return_memory() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

}  // namespace

void ModelRegistry::Impl::check_folder() {
  if (options.unload_idle > std::chrono::seconds::zero()) unload_idle();
  std::vector<SharedModel> models;
  {
    const std::lock_guard lock(mutex);
    models = live.models();
    std::erase_if(watched, [&](const auto& item) { return live.find_resolved(item.first) == nullptr; });
  }
  std::set<std::string_view> looked_at;
  for (const auto& model : models) {
    if (looked_at.insert(model->resolved_id).second) check_package(model);
    // A package that now has the alias's own name is what the next request is to find.
    if (model->id == model->resolved_id || source.resolve(model->id) == model->resolved_id) continue;
    const std::lock_guard lock(mutex);
    if (live.find(model->id) == model) (void)live.remove(model->id);
  }
}

void ModelRegistry::Impl::unload_idle() {
  std::vector<SharedModel> idle;  // let go after the lock
  const std::lock_guard lock(mutex);
  idle = live.remove_idle(options.unload_idle, context.clock->now());
  counts.idle_unloads += idle.size();
  for (const auto& model : idle) {
    context.log->info("model {} is unloaded: it was not used for {} s", model->id, options.unload_idle.count());
  }
}

void ModelRegistry::Impl::check_package(const SharedModel& model) {
  const auto found = source.find_in_folder(model->resolved_id);
  if (!found) return;  // refused, like a link that leads elsewhere; the live model is as good as before
  if (!*found) {
    if (!model->from_hub) drop_package(model);
    return;
  }
  const PackageStamp stamp = stamp_of(**found);
  {
    const std::lock_guard lock(mutex);
    auto& state = watched[model->resolved_id];
    state.looks_without = 0;
    const bool rests = state.seen == stamp;
    state.seen = stamp;
    if (stamp == model->stamp) state.tried.reset();
    if (stamp == model->stamp || !rests || state.reloading || state.tried == stamp) return;
    state.reloading = true;
  }
  compilers.submit(
      [this, id = model->resolved_id, package = Located{**found, nullptr}, stamp] { reload(id, package, stamp); });
}

void ModelRegistry::Impl::drop_package(const SharedModel& model) {
  std::vector<SharedModel> dropped;  // let go after the lock
  const std::lock_guard lock(mutex);
  auto& state = watched[model->resolved_id];
  if (++state.looks_without < kLooksUntilGone) return;
  for (const auto& other : live.models()) {
    if (other->resolved_id == model->resolved_id && !other->from_hub) dropped.push_back(live.remove(other->id));
  }
  context.log->info("model {} is unloaded: its package is not in the models folder any more", model->resolved_id);
}

void ModelRegistry::Impl::reload(const std::string& resolved_id, const Located& package, const PackageStamp& stamp) {
  Result<SharedModel> loaded = Error{Code::internal, "out of memory"};
  try {
    loaded = load_from(resolved_id, package, stamp, context.clock->now());
  } catch (const std::exception& e) {
    loaded = Error{Code::internal, e.what()};
  } catch (...) {
    loaded = Error{Code::internal, "loading failed"};
  }
  std::vector<SharedModel> replaced;  // let go after the lock
  const std::lock_guard lock(mutex);
  auto& state = watched[resolved_id];
  state.reloading = false;
  if (!loaded) {
    // Files that changed meanwhile are looked at again in any case.
    if (!is_transient(loaded.error().code)) state.tried = stamp;
    ++counts.load_failures;
    context.log->warn("model {}: its package has changed and cannot be loaded; the one that is live stays: {}",
                      resolved_id, loaded.error().message);
    return;
  }
  failures.forget(resolved_id);
  ++counts.loads;
  counts.load_seconds += (*loaded)->load_seconds;
  replaced = live.replace(**loaded);
  if (replaced.empty()) return;  // unloaded meanwhile
  ++counts.swaps;
  context.log->info("model {}: its package has changed; the new one is live", resolved_id);
}

void ModelRegistry::Impl::keep_watch(const std::stop_token& stop) {
  std::uint64_t trimmed = 0;
  while (true) {
    {
      std::unique_lock lock(mutex);
      watch_pause.wait_for(lock, stop, options.folder_interval, [] { return false; });
    }
    if (stop.stop_requested()) return;
    try {
      check_folder();
    } catch (const std::exception& e) {  // out of memory, for one; the next look is soon
      context.log->warn("the packages of live models were not looked at: {}", e.what());
    }
    if (const auto gone = unloaded->load(); gone != std::exchange(trimmed, gone)) return_memory();
  }
}

}  // namespace osprey::registry
