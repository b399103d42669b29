// Who may use a model that came from the hub.
#include <exception>
#include <utility>

#include "registry/registry_impl.hpp"

namespace osprey::registry {

bool ModelRegistry::Impl::is_allowed(const LiveModel& model, const std::string& api_key) const {
  if (!options.check_access || !model.from_hub) return true;
  return known_access.allows(model.resolved_id, api_key, context.clock->now());
}

void ModelRegistry::Impl::apply(Applicant applicant) {
  ModelAndKey asked(applicant.model->resolved_id, applicant.waiter.api_key);
  {
    const std::lock_guard lock(mutex);
    auto& waiting = applicants[asked];
    waiting.push_back(std::move(applicant));
    if (waiting.size() > 1) return;  // one question for all
  }
  access_checkers.submit([this, asked = std::move(asked)] { check_access(asked); });
}

void ModelRegistry::Impl::check_access(const ModelAndKey& asked) {
  const auto allowed = [&]() -> Status {
    try {
      return source.hub()->check_access(asked.first, asked.second);
    } catch (const std::exception& e) {  // out of memory, for one
      return Error{Code::internal, std::string("asking for access failed: ") + e.what()};
    } catch (...) {
      return Error{Code::internal, "asking for access failed"};
    }
  }();
  Answers answers;
  std::vector<Applicant> waiting;
  {
    const std::lock_guard lock(mutex);
    const auto found = applicants.find(asked);
    if (found == applicants.end()) return;
    waiting = std::move(found->second);
    applicants.erase(found);
    if (allowed) known_access.note(asked.first, asked.second, context.clock->now());
    for (auto& applicant : waiting) {
      if (allowed) {
        admit(std::move(applicant.waiter), applicant.model, applicant.cold, false, answers);
      } else {
        answers.answers.push_back({std::move(applicant.waiter.on_lease), allowed.error()});
      }
    }
  }
  answers.give();
}

}  // namespace osprey::registry
