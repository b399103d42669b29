// A hub whose packages are folders written by the test, and whose registry says what the test wants.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "fake_models.hpp"
#include "hub/hub.hpp"

namespace osprey::registry {

class FakeHub final : public hub::Hub {
 public:
  /// Offers a package that everybody may use, or only the keys in `keys`.
  void offer(const std::string& id, std::set<std::string> keys = {}) {
    write_fake_detector(root_.path(), id);
    const std::lock_guard lock(mutex_);
    offered_[id] = std::move(keys);
  }
  [[nodiscard]] std::filesystem::path folder(const std::string& id) const { return root_.path() / id; }
  /// get() fails with this, whatever is asked; Code::internal with an empty message: no more.
  void set_fault(Error fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
  }
  /// While the gate of a model or a key is closed, get() and check_access() with it wait.
  void set_gate(const std::string& id, bool open) {
    const std::lock_guard lock(mutex_);
    open ? void(closed_.erase(id)) : void(closed_.insert(id));
    wake_.notify_all();
  }
  void set_cached(const std::string& id) {
    const std::lock_guard lock(mutex_);
    cached_.insert(id);
  }

  /// Keys of the calls to get(), in order.
  [[nodiscard]] std::vector<std::string> gets() const { return copy(gets_); }
  [[nodiscard]] std::vector<std::string> checks() const { return copy(checks_); }
  [[nodiscard]] int discarded() const { return copy(discarded_); }
  [[nodiscard]] int held() const { return copy(held_); }
  [[nodiscard]] bool stopped() const { return copy(stopped_); }

  [[nodiscard]] Result<hub::CachedPackage> get(
      std::string_view model_id, std::string_view api_key, const CancelToken& cancel,
      const std::function<void(const hub::DownloadProgress&)>& /*on_progress*/) override {
    const std::string id(model_id);
    std::unique_lock lock(mutex_);
    gets_.emplace_back(api_key);
    wake_.notify_all();
    wake_.wait(lock, [&] { return stopped_ || cancel.cancelled() || is_open(id, api_key); });
    if (stopped_ || cancel.cancelled()) return Error{Code::unavailable, "stopped"};
    if (!fault_.message.empty()) return fault_;
    if (auto allowed = allows(id, std::string(api_key)); !allowed) return std::move(allowed).error();
    ++held_;
    return hub::CachedPackage(folder(id), "package7", true, std::shared_ptr<const void>(&root_, [this](const void*) {
                                const std::lock_guard again(mutex_);
                                --held_;
                              }));
  }
  [[nodiscard]] Status check_access(std::string_view model_id, std::string_view api_key) override {
    const std::string id(model_id);
    std::unique_lock lock(mutex_);
    checks_.emplace_back(api_key);
    wake_.wait(lock, [&] { return stopped_ || is_open(id, api_key); });
    return allows(id, std::string(api_key));
  }
  [[nodiscard]] bool is_cached(std::string_view model_id) const override {
    const std::lock_guard lock(mutex_);
    return cached_.contains(std::string(model_id));
  }
  void discard(const hub::CachedPackage& /*package*/) override {
    const std::lock_guard lock(mutex_);
    ++discarded_;
  }
  Result<bool> remove(std::string_view /*model_id*/) override { return false; }
  [[nodiscard]] std::vector<hub::CacheEntry> list() const override { return {}; }
  [[nodiscard]] hub::HubStats stats() const override { return {}; }
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }
  /// Waits until get() was called so often.
  void wait_for_gets(std::size_t count) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return gets_.size() >= count; });
  }

 private:
  bool is_open(const std::string& id, std::string_view key) const {
    return !closed_.contains(id) && !closed_.contains(std::string(key));
  }
  Status allows(const std::string& id, const std::string& key) const {
    const auto found = offered_.find(id);
    if (found == offered_.end()) return Error{Code::not_found, "no such model"};
    if (found->second.empty() || found->second.contains(key)) return {};
    return Error{Code::unauthenticated, "key " + key + " is not known"};
  }
  template <typename T>
  T copy(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }

  TemporaryFolder root_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, std::set<std::string>> offered_;
  std::set<std::string> closed_;
  std::set<std::string> cached_;
  std::vector<std::string> gets_;
  std::vector<std::string> checks_;
  Error fault_;
  int discarded_ = 0;
  int held_ = 0;
  bool stopped_ = false;
};

}  // namespace osprey::registry
