// The table of live models: who is in, who was used last, who has to go.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "registry/live_model.hpp"

namespace osprey::registry {

/// A live model, as /model/registry tells it.
struct ModelDescription {
  std::string model_id;
  vision::Task task = vision::Task::object_detection;
  std::optional<vision::Size> input;         ///< none when the package takes any size
  std::vector<std::string> request_paths;    ///< URL paths that touched it, sorted
  std::vector<std::string> request_aliases;  ///< for an alias: the id that it stands for
  std::optional<OutOfService> out = {};      ///< none: it is in service
};

using SharedModel = std::shared_ptr<const LiveModel>;

/// At most `limit` models (at least one), each under the id by which it is asked for; those of `pinned` are never
/// evicted. Models that it gives back are to be let go without a lock held: their end may take long. Not thread-safe.
class LiveModels {
 public:
  LiveModels(std::size_t limit, std::set<std::string, std::less<>> pinned);

  /// The model of an id, as the one used last now; null when it is not live. `request_path` is noted unless empty.
  [[nodiscard]] SharedModel use(std::string_view model_id, std::string_view request_path);
  /// The model of an id, unused; null when it is not live.
  [[nodiscard]] SharedModel find(std::string_view model_id) const;
  /// A live model of what `resolved_id` names, under whatever id; null when there is none.
  [[nodiscard]] SharedModel find_resolved(std::string_view resolved_id) const;

  /// Takes a model in under its id and gives those that had to go for it, the least recently used. Errors: internal
  /// when all places are taken by pinned models.
  [[nodiscard]] Result<std::vector<SharedModel>> insert(SharedModel model);

  /// What insert() would say of a model that is not live yet.
  [[nodiscard]] Status check_room(std::string_view model_id) const;

  /// Puts a new model in the place of each that was made from the same package; under the ids of those. Gives the old.
  [[nodiscard]] std::vector<SharedModel> replace(const LiveModel& model);

  /// Takes out those that were not used for `idle` and are not pinned. Looks whether they were: to be called often.
  [[nodiscard]] std::vector<SharedModel> remove_idle(Duration idle, TimePoint now);

  [[nodiscard]] SharedModel remove(std::string_view model_id);
  [[nodiscard]] std::vector<SharedModel> clear();

  /// All, in the order in which they came.
  [[nodiscard]] std::vector<SharedModel> models() const;
  [[nodiscard]] std::vector<ModelDescription> describe() const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    SharedModel model;
    std::set<std::string, std::less<>> request_paths;
    std::size_t came_at = 0;
    std::size_t used_at = 0;
    std::size_t seen_used_at = 0;  // by remove_idle()
    TimePoint seen_at{};           // when that was new
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  [[nodiscard]] std::vector<Entries::const_iterator> in_order() const;

  const std::size_t limit_;
  const std::set<std::string, std::less<>> pinned_;
  Entries entries_;
  std::size_t steps_ = 0;  // counts comings and uses
};

}  // namespace osprey::registry
