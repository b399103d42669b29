#include "cli/benchmark/benchmark_command.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/benchmark/latency_picture.hpp"
#include "cli/command_line.hpp"

namespace osprey::cli {
namespace {

constexpr auto kProgressInterval = std::chrono::seconds(5);
constexpr std::size_t kProgressRequests = 100;  // that a line of progress speaks of

/// Writes a line of progress now and then, until it is destroyed.
class Progress {
 public:
  Progress(const Measurements& measurements, std::size_t total)
      : thread_([this, &measurements, total](const std::stop_token& stop) {
          auto told = std::chrono::steady_clock::now();
          std::size_t done = 0;
          std::unique_lock lock(mutex_);
          while (!pause_.wait_for(lock, stop, kProgressInterval, [] { return false; }) && !stop.stop_requested()) {
            const auto now = std::chrono::steady_clock::now();
            const auto count = measurements.count();
            auto last = measurements.statistics(0, kProgressRequests);
            // The rate is that since the last line.
            const double share = static_cast<double>(count - done) / std::chrono::duration<double>(now - told).count();
            last.seconds = share > 0 ? static_cast<double>(last.requests) / share : 0;
            std::cerr << progress_text(count, total, last) << '\n';
            told = now;
            done = count;
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any pause_;
  std::jthread thread_;
};

}  // namespace

void add_benchmark_options(CLI::App& command, BenchmarkOptions& options, const std::string& warm_up_name) {
  command.add_option("--model-id,-m", options.model_id, "The model: project/version")->required()->type_name("ID");
  command
      .add_option("--dataset-reference,-d", options.dataset_reference,
                  "Folder of pictures, of which the first eight are sent, or samples: a few that come with the command")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      .add_option(warm_up_name, options.warm_up, "Requests before the measurement; what becomes of them is not told")
      ->type_name("COUNT")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command.add_option("--benchmark-requests", options.requests, "Requests of each client (with --rps: in all)")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command.add_option("--batch-size", options.batch_size, "Pictures in a request")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      .add_option("--clients,-c", options.clients, "Clients that send their next request when they have their answer")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      .add_option("--rps", options.rate,
                  "Requests a second, come what may, in the place of clients; a late one counts from when it was due")
      ->type_name("RATE")
      ->check(CLI::Range(0.001, 1e6));
  command.add_option("--model-config", options.model_config, "Options of the predictions (YAML): confidence: 0.5")
      ->type_name("FILE");
  command
      .add_option("--output-location,--output,-o", options.output,
                  "Where the results are written as JSON: a file or a folder")
      ->type_name("FILE");
  command.add_option("--picture", options.picture, "Where a picture of the latencies is written (SVG)")
      ->type_name("FILE");
  command
      .add_option("--max-error-rate", options.max_error_rate, "Per cent of failures beyond which the exit code is 1")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
}

std::size_t first_picture(std::size_t index, std::size_t pictures, std::size_t batch_size) {
  return index * batch_size % pictures;
}

Statistics measure(const BenchmarkOptions& options, const OneRequest& request, const std::stop_token& stop) {
  LoadPlan plan;
  plan.clients = options.clients;
  plan.requests = std::max<std::size_t>(1, (options.warm_up + options.clients - 1) / options.clients);
  if (options.warm_up > 0) {
    Measurements unseen;
    (void)run_load(plan, request, unseen, stop);
  }
  plan.requests = options.requests;
  plan.rate = options.rate;
  Measurements measurements;
  double seconds = 0;
  if (!stop.stop_requested()) {
    const Progress progress(measurements, options.rate ? options.requests : options.requests * options.clients);
    seconds = run_load(plan, request, measurements, stop);
  }
  if (stop.stop_requested()) std::cerr << "inference: interrupted; this is what was measured until then\n";
  return measurements.statistics(seconds);
}

int tell_results(const BenchmarkOptions& options, BenchmarkSubject subject, const Statistics& statistics,
                 const BenchmarkPictures& pictures) {
  subject.model_id = options.model_id;
  subject.dataset_reference = options.dataset_reference;
  subject.pictures = pictures_text(pictures);
  subject.requests = options.requests;
  subject.batch_size = options.batch_size;
  subject.clients = options.clients;
  subject.rate = options.rate;
  subject.model_configuration = options.model_config;
  std::cout << report_text(subject, statistics) << std::flush;
  if (!options.output.empty()) {
    const auto written = write_report(options.output, report_json(subject, statistics));
    if (!written) return refuse(written.error(), kFailure);
    std::cout << "results     " << *written << '\n';
  }
  if (!options.picture.empty()) {
    char line[160];
    (void)std::snprintf(line, sizeof line, "%zu requests, %.1f requests/s; p50 %.1f ms, p99 %.1f ms, max %.1f ms",
                        statistics.requests, statistics.request_rate(), statistics.p50, statistics.p99,
                        statistics.most);
    if (auto written =
            write_text(options.picture, latency_picture(statistics, subject.model_id, subject.where + ": " + line));
        !written) {
      return refuse(written.error(), kFailure);
    }
    std::cout << "picture     " << options.picture << '\n';
  }
  if (statistics.requests == 0) {
    return refuse(
        {Code::unavailable, "no request went well" +
                                (statistics.errors.empty() ? std::string() : ": " + statistics.errors.begin()->first)},
        kFailure);
  }
  if (options.max_error_rate && statistics.error_rate() > *options.max_error_rate) {
    char line[120];
    (void)std::snprintf(line, sizeof line, "%.1f %% of the requests failed, more than --max-error-rate %g",
                        statistics.error_rate(), *options.max_error_rate);
    return refuse({Code::unavailable, line}, kFailure);
  }
  return kSuccess;
}

Commands make_benchmark_commands(CLI::App& benchmark) {
  Commands commands;
  commands.push_back(make_api_speed(benchmark));
  commands.push_back(make_engine_speed(benchmark));
  return commands;
}

}  // namespace osprey::cli
