#include "registry/live_models.hpp"

#include <algorithm>
#include <utility>

namespace osprey::registry {

LiveModels::LiveModels(std::size_t limit, std::set<std::string, std::less<>> pinned)
    : limit_(std::max<std::size_t>(limit, 1)), pinned_(std::move(pinned)) {}

SharedModel LiveModels::use(std::string_view model_id, std::string_view request_path) {
  const auto found = entries_.find(model_id);
  if (found == entries_.end()) return nullptr;
  auto& entry = found->second;
  entry.used_at = ++steps_;
  if (!request_path.empty() && !entry.request_paths.contains(request_path)) entry.request_paths.emplace(request_path);
  return entry.model;
}

SharedModel LiveModels::find(std::string_view model_id) const {
  const auto found = entries_.find(model_id);
  return found == entries_.end() ? nullptr : found->second.model;
}

SharedModel LiveModels::find_resolved(std::string_view resolved_id) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& item) { return item.second.model->resolved_id == resolved_id; });
  return found == entries_.end() ? nullptr : found->second.model;
}

Result<std::vector<SharedModel>> LiveModels::insert(SharedModel model) {
  std::vector<SharedModel> out;
  if (const auto same = entries_.find(model->id); same != entries_.end()) {
    out.push_back(std::exchange(same->second.model, std::move(model)));
    return out;
  }
  if (auto room = check_room(model->id); !room) return std::move(room).error();
  while (entries_.size() >= limit_) {
    auto least = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (pinned_.contains(it->first)) continue;
      if (least == entries_.end() || it->second.used_at < least->second.used_at) least = it;
    }
    out.push_back(std::move(least->second.model));
    entries_.erase(least);
  }
  const std::size_t step = ++steps_;
  const std::string id = model->id;
  entries_.emplace(id, Entry{std::move(model), {}, step, step});
  return out;
}

Status LiveModels::check_room(std::string_view model_id) const {
  const auto is_pinned = [&](const auto& item) { return pinned_.contains(item.first); };
  if (entries_.size() < limit_ || entries_.contains(model_id) ||
      !std::all_of(entries_.begin(), entries_.end(), is_pinned)) {
    return {};
  }
  std::string names;
  for (const auto& [id, entry] : entries_) names += (names.empty() ? "" : ", ") + id;
  return Error{Code::internal, "model " + std::string(model_id) + " cannot be loaded: all " + std::to_string(limit_) +
                                   " places for live models (MAX_ACTIVE_MODELS) are taken by pinned ones (" + names +
                                   "); raise MAX_ACTIVE_MODELS or pin fewer models (PINNED_MODELS)"};
}

std::vector<SharedModel> LiveModels::replace(const LiveModel& model) {
  std::vector<SharedModel> out;
  for (auto& [id, entry] : entries_) {
    if (entry.model->resolved_id != model.resolved_id) continue;
    auto copy = std::make_shared<LiveModel>(model);
    copy->id = id;
    out.push_back(std::exchange(entry.model, std::move(copy)));
  }
  return out;
}

std::vector<SharedModel> LiveModels::remove_idle(Duration idle, TimePoint now) {
  std::vector<SharedModel> out;
  for (auto it = entries_.begin(); it != entries_.end();) {
    auto& entry = it->second;
    if (std::exchange(entry.seen_used_at, entry.used_at) != entry.used_at) entry.seen_at = now;
    if (now - entry.seen_at < idle || pinned_.contains(it->first)) {
      ++it;
    } else {
      out.push_back(std::move(entry.model));
      it = entries_.erase(it);
    }
  }
  return out;
}

SharedModel LiveModels::remove(std::string_view model_id) {
  const auto found = entries_.find(model_id);
  if (found == entries_.end()) return nullptr;
  auto model = std::move(found->second.model);
  entries_.erase(found);
  return model;
}

std::vector<SharedModel> LiveModels::clear() {
  std::vector<SharedModel> out;
  for (auto& [id, entry] : entries_) out.push_back(std::move(entry.model));
  entries_.clear();
  return out;
}

std::vector<SharedModel> LiveModels::models() const {
  std::vector<SharedModel> models;
  for (const auto& entry : in_order()) models.push_back(entry->second.model);
  return models;
}

std::vector<ModelDescription> LiveModels::describe() const {
  std::vector<ModelDescription> descriptions;
  for (const auto& item : in_order()) {
    const auto& [id, entry] = *item;
    const auto& package = entry.model->package;
    ModelDescription description{
        id, package.family.task, std::nullopt, {entry.request_paths.begin(), entry.request_paths.end()}, {}};
    if (entry.model->health) description.out = entry.model->health->out();
    if (!package.dynamic_input_size) description.input = package.preprocess.network;
    if (entry.model->resolved_id != id) description.request_aliases.push_back(entry.model->resolved_id);
    descriptions.push_back(std::move(description));
  }
  return descriptions;
}

std::vector<LiveModels::Entries::const_iterator> LiveModels::in_order() const {
  std::vector<Entries::const_iterator> order;
  for (auto it = entries_.begin(); it != entries_.end(); ++it) order.push_back(it);
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a->second.came_at < b->second.came_at; });
  return order;
}

}  // namespace osprey::registry
