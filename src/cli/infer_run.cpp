#include "cli/infer_run.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace osprey::cli {
namespace {

using Outcome = client::Result<client::Prediction>;

/// Whether every other image would fail by this, too.
bool ends_the_run(client::ErrorKind kind) {
  switch (kind) {
    case client::ErrorKind::unreachable:
    case client::ErrorKind::unauthorized:
    case client::ErrorKind::not_found:
    case client::ErrorKind::bad_answer: return true;
    default: return false;
  }
}

/// The answer without its picture, which is a file of its own.
void take_picture_out(client::Prediction& prediction) {
  if (prediction.visualization.empty()) return;
  auto json = nlohmann::ordered_json::parse(prediction.json, nullptr, false);
  json.erase("visualization");
  prediction.json = json.dump();
}

class Run {
 public:
  Run(const InferRun& run, const std::stop_token& stop) : run_(run), forward_(stop, Forward{stop_}) {}

  InferTally execute(const std::stop_token& interrupt) {
    {
      std::vector<std::jthread> workers;
      const std::size_t count = std::min(std::max<std::size_t>(run_.concurrent, 1), run_.inputs.size());
      for (std::size_t i = 0; i < count; ++i) workers.emplace_back([this] { work(); });
    }
    const std::lock_guard lock(mutex_);
    // Where the run ended early there are gaps; what is behind them was predicted all the same.
    for (auto& [index, outcome] : waiting_) print(index, outcome);
    tally_.interrupted = interrupt.stop_requested() && !tally_.fatal;
    return tally_;
  }

 private:
  struct Forward {
    std::stop_source stop;
    void operator()() const { stop.request_stop(); }
  };

  void work() {
    while (const auto index = next()) {
      const InferInput& input = run_.inputs[*index];
      const bool kept = run_.folder != nullptr && run_.folder->has(input);
      take(*index, kept ? read_kept(input) : predict(input), kept);
    }
  }

  /// The next image, once it is near enough to the first one that is not printed yet: what waits is bounded.
  std::optional<std::size_t> next() {
    const std::size_t window = 4 * run_.concurrent;
    std::unique_lock lock(mutex_);
    room_.wait(lock, stop_.get_token(), [&] { return begun_ < printed_ + window || begun_ >= run_.inputs.size(); });
    if (stop_.stop_requested() || begun_ >= run_.inputs.size()) return std::nullopt;
    return begun_++;
  }

  Outcome predict(const InferInput& input) {
    auto outcome = run_.predictor.predict(input.image(), stop_.get_token());
    if (!outcome) return outcome;
    take_picture_out(*outcome);
    if (run_.folder == nullptr) return outcome;
    if (auto written = run_.folder->write(input, *outcome); !written) {
      fail_all({.kind = client::ErrorKind::invalid_argument, .message = written.error().message});
      return client::Error{.kind = client::ErrorKind::cancelled, .message = "cancelled"};
    }
    return outcome;
  }

  /// What an earlier run has left; it is needed only to be printed.
  Outcome read_kept(const InferInput& input) const {
    if (run_.printer == nullptr) return client::Prediction();
    auto json = run_.folder->read(input);
    if (!json) return client::Error{.kind = client::ErrorKind::invalid_argument, .message = json.error().message};
    if (json->ends_with('\n')) json->pop_back();
    auto predictions = client::read_answer(200, std::move(*json), 1);
    if (!predictions) return std::move(predictions).error();
    return std::move(predictions->front());
  }

  void fail_all(client::Error error) {
    const std::lock_guard lock(mutex_);
    if (!tally_.fatal) tally_.fatal = std::move(error);
    stop_.request_stop();
  }

  void take(std::size_t index, Outcome outcome, bool kept) {
    if (!outcome && outcome.error().kind == client::ErrorKind::cancelled) return;
    if (!outcome && !kept && ends_the_run(outcome.error().kind)) return fail_all(outcome.error());
    {
      const std::lock_guard lock(mutex_);
      ++(!outcome ? tally_.failed : kept ? tally_.kept : tally_.predicted);
      if (!outcome && run_.on_failure) run_.on_failure(run_.inputs[index].shown + ": " + outcome.error().message);
      if (run_.progress != nullptr) run_.progress->advance(!kept);
      waiting_.emplace(index, std::move(outcome));
      for (auto first = waiting_.begin(); first != waiting_.end() && first->first == printed_;) {
        print(first->first, first->second);
        first = waiting_.erase(first);
        ++printed_;
      }
    }
    room_.notify_all();
  }

  void print(std::size_t index, const Outcome& outcome) {
    if (run_.printer == nullptr) return;
    run_.printer->print(run_.inputs[index].shown, outcome);
    if (run_.printer->good() || run_.folder != nullptr || tally_.fatal) return;
    // Nobody reads any more, and nothing is kept.
    tally_.fatal = {.kind = client::ErrorKind::invalid_argument, .message = "cannot write to standard output"};
    stop_.request_stop();
  }

  const InferRun& run_;
  std::stop_source stop_;  // by the caller, or by what ends the run
  const std::stop_callback<Forward> forward_;

  std::mutex mutex_;  // guards all below, and the printer
  std::condition_variable_any room_;
  std::size_t begun_ = 0;
  std::size_t printed_ = 0;                 // all before it are
  std::map<std::size_t, Outcome> waiting_;  // done, but not those before them
  InferTally tally_;
};

}  // namespace

InferTally run_inference(const InferRun& run, const std::stop_token& stop) {
  return Run(run, stop).execute(stop);
}

}  // namespace osprey::cli
