// Models that fail: who is let through to them, and a network of which a run does not end is loaded anew.
#include <exception>
#include <utility>

#include "registry/registry_impl.hpp"

namespace osprey::registry {

std::optional<Error> ModelRegistry::Impl::refusal_of(const SharedModel& model) {
  auto admission = model->health->ask();
  if (admission.repair) repairers.submit([this, model] { repair(model); });
  return std::move(admission.refusal);
}

void ModelRegistry::Impl::repair(const SharedModel& model) {
  context.log->info("model {} is loaded anew", model->resolved_id);
  Result<SharedModel> loaded = Error{Code::internal, "out of memory"};
  try {
    const Located package = package_of(*model);
    const PackageStamp stamp = package.cached ? PackageStamp() : stamp_of(package.folder);
    loaded = load_from(model->resolved_id, package, stamp, context.clock->now());
  } catch (const std::exception& e) {
    loaded = Error{Code::internal, e.what()};
  } catch (...) {
    loaded = Error{Code::internal, "loading failed"};
  }
  if (!loaded) return model->health->repair_failed(loaded.error().message);
  (*loaded)->health->continue_from(*model->health);
  std::vector<SharedModel> replaced;  // let go after the lock
  const std::lock_guard lock(mutex);
  const auto current = live.find_resolved(model->resolved_id);
  if (!current || current->health != model->health) return;  // unloaded, or replaced by a changed package
  ++counts.loads;
  counts.load_seconds += (*loaded)->load_seconds;
  replaced = live.replace(**loaded);
  context.log->info("model {} is in service again", model->resolved_id);
}

}  // namespace osprey::registry
