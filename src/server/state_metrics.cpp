#include "server/state_metrics.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include <dirent.h>
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <unistd.h>

namespace osprey::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// A family of counters or gauges, filled one by one.
class FamilyBuilder {
 public:
  FamilyBuilder(std::string name, std::string help, MetricType type) {
    family_.name = std::move(name);
    family_.help = std::move(help);
    family_.type = type;
  }

  FamilyBuilder& add(double value, std::vector<ClientMetric::Label> labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    if (family_.type == MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    family_.metric.push_back(std::move(metric));
    return *this;
  }

  void move_to(std::vector<MetricFamily>& families) {
    if (!family_.metric.empty()) families.push_back(std::move(family_));
  }

 private:
  MetricFamily family_;
};

FamilyBuilder counter(std::string name, std::string help) {
  return {std::move(name), std::move(help), MetricType::Counter};
}

FamilyBuilder gauge(std::string name, std::string help) {
  return {std::move(name), std::move(help), MetricType::Gauge};
}

double as_double(std::uint64_t value) {
  return static_cast<double>(value);
}

void add_lanes(const scheduler::Scheduler& scheduler, std::vector<MetricFamily>& families) {
  auto queued = gauge("osprey_queue_depth", "Jobs that wait, by lane");
  auto running = gauge("osprey_batches_running", "Batches that run, by lane");
  auto jobs = counter("osprey_jobs_total", "Jobs run, by lane");
  auto batches = counter("osprey_batches_total", "Batches run, by lane: jobs / batches is the mean batch size");
  auto refused = counter("osprey_jobs_refused_total", "Jobs refused for lack of room, by lane");
  auto dropped = counter("osprey_jobs_dropped_total", "Jobs dropped as expired or cancelled, by lane");
  auto busy = counter("osprey_busy_seconds_total", "Seconds that compute threads ran batches, by lane");
  auto waited = counter("osprey_queue_seconds_total", "Seconds that the jobs that were begun had waited, by lane");
  auto utilization = gauge("osprey_lane_utilization", "Share of the compute threads' time, last 15 s, by lane");
  auto wait = gauge("osprey_recent_queue_seconds", "Seconds that a job waits, last 15 s, by lane");
  // A model that is being replaced has two lanes of one name, which must not make two series of one name.
  std::map<std::string, scheduler::LaneStats> by_name;
  for (const auto& lane : scheduler.stats()) {
    auto& sum = by_name[lane.name];
    sum.name = lane.name;
    sum.queued += lane.queued;
    sum.running += lane.running;
    sum.jobs_run += lane.jobs_run;
    sum.batches_run += lane.batches_run;
    sum.refused += lane.refused;
    sum.dropped += lane.dropped;
    sum.busy_seconds += lane.busy_seconds;
    sum.wait_seconds += lane.wait_seconds;
    sum.utilization += lane.utilization;
    sum.recent_wait_seconds = std::max(sum.recent_wait_seconds, lane.recent_wait_seconds);
  }
  for (const auto& [name, lane] : by_name) {
    const std::vector<ClientMetric::Label> label{{"lane", lane.name}};
    queued.add(as_double(lane.queued), label);
    running.add(as_double(lane.running), label);
    jobs.add(as_double(lane.jobs_run), label);
    batches.add(as_double(lane.batches_run), label);
    refused.add(as_double(lane.refused), label);
    dropped.add(as_double(lane.dropped), label);
    busy.add(lane.busy_seconds, label);
    waited.add(lane.wait_seconds, label);
    utilization.add(std::min(lane.utilization, 1.0), label);
    wait.add(lane.recent_wait_seconds, label);
  }
  for (auto* family : {&queued, &running, &jobs, &batches, &refused, &dropped, &busy, &waited, &utilization, &wait}) {
    family->move_to(families);
  }
}

void add_threads(const scheduler::ThreadStats& threads, std::vector<MetricFamily>& families) {
  gauge("osprey_threads", "Compute threads, those that stand in for hanging ones too")
      .add(as_double(threads.alive))
      .move_to(families);
  gauge("osprey_threads_hanging", "Compute threads that hang").add(as_double(threads.stuck)).move_to(families);
  gauge("osprey_utilization", "Share of the compute threads' time in which they worked, last 15 s")
      .add(threads.utilization)
      .move_to(families);
}

void add_models(const registry::RegistryStats& stats, std::vector<MetricFamily>& families) {
  auto failures = counter("osprey_model_failures_total", "Faults of a live model, by model");
  auto out = gauge("osprey_model_out", "Whether a live model is out of service, by model");
  for (const auto& model : stats.models) {
    const std::vector<ClientMetric::Label> label{{"model", model.model_id}};
    failures.add(as_double(model.failures), label);
    out.add(model.out ? 1 : 0, label);
  }
  failures.move_to(families);
  out.move_to(families);
  gauge("osprey_models_live", "Models in memory").add(as_double(stats.live)).move_to(families);
  gauge("osprey_models_loading", "Models being loaded").add(as_double(stats.loading)).move_to(families);
  counter("osprey_model_loads_total", "Models loaded").add(as_double(stats.loads)).move_to(families);
  counter("osprey_model_load_failures_total", "Loads that failed")
      .add(as_double(stats.load_failures))
      .move_to(families);
  counter("osprey_model_evictions_total", "Models unloaded to make room")
      .add(as_double(stats.evictions))
      .move_to(families);
  counter("osprey_model_idle_unloads_total", "Models unloaded as they were not used")
      .add(as_double(stats.idle_unloads))
      .move_to(families);
  counter("osprey_model_swaps_total", "Models replaced as their package changed")
      .add(as_double(stats.swaps))
      .move_to(families);
  counter("osprey_model_load_seconds_total", "Seconds of all loads").add(stats.load_seconds).move_to(families);
}

void add_cache(const hub::HubStats& stats, std::vector<MetricFamily>& families) {
  counter("osprey_cache_hits_total", "Packages given from the cache on disk")
      .add(as_double(stats.cache_hits))
      .move_to(families);
  counter("osprey_cache_misses_total", "Packages that were not in it")
      .add(as_double(stats.cache_misses))
      .move_to(families);
  counter("osprey_cache_damaged_total", "Entries thrown away as damaged")
      .add(as_double(stats.damaged))
      .move_to(families);
  counter("osprey_cache_evicted_total", "Entries removed to make room").add(as_double(stats.evicted)).move_to(families);
  gauge("osprey_cache_bytes", "Bytes in the cache on disk").add(as_double(stats.cache_bytes)).move_to(families);
  counter("osprey_registry_calls_total", "Calls that the model registry answered")
      .add(as_double(stats.lookups))
      .move_to(families);
  counter("osprey_registry_failures_total", "Calls and downloads that failed, each try")
      .add(as_double(stats.failed_calls))
      .move_to(families);
  counter("osprey_downloads_total", "Files downloaded").add(as_double(stats.files_downloaded)).move_to(families);
  counter("osprey_downloaded_bytes_total", "Bytes downloaded").add(as_double(stats.bytes_downloaded)).move_to(families);
  gauge("osprey_downloads_running", "Files on their way").add(as_double(stats.running.size())).move_to(families);
  auto received = gauge("osprey_download_received_bytes", "Bytes that have come of a file on its way");
  auto total = gauge("osprey_download_size_bytes", "Size of a file on its way");
  for (const auto& download : stats.running) {
    const std::vector<ClientMetric::Label> labels{{"model", download.model_id}, {"file", download.file}};
    received.add(as_double(download.received), labels);
    total.add(as_double(download.total), labels);
  }
  received.move_to(families);
  total.move_to(families);
}

std::size_t open_files() {
  std::size_t count = 0;
  if (DIR* folder = opendir("/proc/self/fd")) {
    while (readdir(folder) != nullptr) ++count;
    closedir(folder);
  }
  return count < 3 ? 0 : count - 3;  // ".", ".." and the folder itself
}

/// Under the names that every Prometheus client library gives them.
void add_process(std::vector<MetricFamily>& families) {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  counter("process_cpu_seconds_total", "Processor time used, in seconds")
      .add(static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9)
      .move_to(families);
  std::uint64_t virtual_pages = 0;
  std::uint64_t resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> virtual_pages >> resident_pages) {
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    gauge("process_virtual_memory_bytes", "Address space in bytes")
        .add(as_double(virtual_pages * page))
        .move_to(families);
    gauge("process_resident_memory_bytes", "Memory in bytes").add(as_double(resident_pages * page)).move_to(families);
  }
  gauge("process_open_fds", "Open file descriptors").add(as_double(open_files())).move_to(families);
}

}  // namespace

std::vector<MetricFamily> StateMetrics::Collect() const {
  std::vector<MetricFamily> families;
  add_lanes(scheduler_, families);
  add_threads(scheduler_.threads(), families);
  add_models(registry_.stats(), families);
  if (hub_ != nullptr) add_cache(hub_->stats(), families);
  add_process(families);
  return families;
}

}  // namespace osprey::server
