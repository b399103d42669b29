#include "cli/benchmark/report.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include <sys/utsname.h>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/formatted.hpp"

namespace osprey::cli {
namespace {

using Json = nlohmann::ordered_json;

/// To a tenth, as the reference rounds.
double rounded(double value) {
  return std::round(value * 10) / 10;
}

std::string now_text(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  (void)std::strftime(text.data(), text.size(), format, &parts);
  return text.data();
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

Json platform() {
  utsname system{};
  (void)::uname(&system);
  return {{"system", system.sysname},
          {"release", system.release},
          {"machine", system.machine},
          {"processor", processor()},
          {"cores", std::thread::hardware_concurrency()}};
}

std::string errors_text(const Statistics& statistics) {
  std::string text;
  for (const auto& [name, count] : statistics.errors) {
    text += (text.empty() ? " (" : ", ") + std::to_string(count) + " times " + printable(name);
  }
  return text.empty() ? text : text + ")";
}

}  // namespace

std::string report_text(const BenchmarkSubject& subject, const Statistics& statistics) {
  const auto& s = statistics;
  const std::string load = subject.rate
                               ? formatted("%g requests/s asked for", *subject.rate)
                               : std::to_string(subject.clients) + (subject.clients == 1 ? " client" : " clients");
  std::string text = "model       " + printable(subject.model_id) + " on " + printable(subject.where) + '\n';
  text += "pictures    " + subject.pictures + ", " + std::to_string(subject.batch_size) + " in a request\n";
  text += formatted("requests    %zu in %.1f s, ", s.requests, s.seconds) + load +
          formatted("; %zu failed", s.failures) + errors_text(s) + '\n';
  text += formatted("throughput  %.1f requests/s, %.1f images/s\n", s.request_rate(), s.image_rate());
  text += "latency ms      mean       std       p50       p75       p90       p95       p99       max\n";
  text += formatted("          %10.1f%10.1f%10.1f%10.1f%10.1f%10.1f%10.1f%10.1f\n", s.mean, s.deviation, s.p50, s.p75,
                    s.p90, s.p95, s.p99, s.most);
  if (s.server_mean > 0) text += formatted("            of which %.1f in the server, on average\n", s.server_mean);
  if (!subject.stages.empty()) {
    text += "stages ms  ";
    for (const auto& [name, mean] : subject.stages) text += " " + name + formatted(" %.2f ", mean);
    text += '\n';
  }
  return text;
}

std::string report_json(const BenchmarkSubject& subject, const Statistics& statistics) {
  const auto& s = statistics;
  Json parameters{
      {"datetime", now_text("%Y-%m-%dT%H:%M:%SZ")},
      {"model_id", subject.model_id},
      {"dataset_reference", subject.dataset_reference},
      {"benchmark_inferences", subject.requests},
      {"batch_size", subject.batch_size},
      {"number_of_clients", subject.clients},
      {"requests_per_second", subject.rate ? Json(*subject.rate) : Json()},
      {"model_configuration", subject.model_configuration.empty() ? Json() : Json(subject.model_configuration)}};
  parameters[subject.is_server ? "host" : "engine"] = subject.where;
  const auto images = static_cast<double>(s.images);
  const auto requests = static_cast<double>(s.requests);
  const double per_request = requests > 0 && images > 0 ? images / requests : 1;
  std::string codes;
  Json counts = Json::object();
  for (const auto& [name, count] : s.errors) {
    codes += (codes.empty() ? "" : ", ") + name;
    counts[name] = count;
  }
  const bool is_told = s.server_mean > 0;
  Json results{
      {"inferences_made", s.requests},
      {"images_processed", s.images},
      {"average_inference_latency_ms", rounded(s.mean)},
      {"std_inference_latency_ms", rounded(s.deviation)},
      {"average_inference_latency_per_image_ms", rounded(s.mean / per_request)},
      {"average_execution_time_per_image_ms", is_told ? Json(rounded(s.server_mean / per_request)) : Json("N/A")},
      {"p50_inference_latency_ms", rounded(s.p50)},
      {"p75_inference_latency_ms", rounded(s.p75)},
      {"p90_inference_latency_ms", rounded(s.p90)},
      {"p95_inference_latency_ms", rounded(s.p95)},
      {"p99_inference_latency_ms", rounded(s.p99)},
      {"max_inference_latency_ms", rounded(s.most)},
      {"requests_per_second", rounded(s.request_rate())},
      {"images_per_second", rounded(s.image_rate())},
      {"error_rate", rounded(s.error_rate())},
      {"error_status_codes", codes},
      {"error_counts", counts},
      {"avg_remote_execution_time", is_told ? Json(rounded(s.server_mean)) : Json("N/A")}};
  for (const auto& [name, mean] : subject.stages) results["stages_ms"][name] = mean;
  const Json report{{"benchmark_parameters", std::move(parameters)},
                    {"benchmark_results", std::move(results)},
                    {"platform", platform()}};
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string progress_text(std::size_t done, std::size_t total, const Statistics& last) {
  std::string codes;
  for (const auto& [name, count] : last.errors) codes += " " + printable(name);
  return formatted("%zu of %zu | avg: %.1fms | rps: %.1f | p75: %.1fms | p90: %.1f | %%err: %.1f |", done, total,
                   last.mean, last.request_rate(), last.p75, last.p90, last.error_rate()) +
         codes;
}

Status write_text(const std::string& file, const std::string& text) {
  std::ofstream output(file, std::ios::binary | std::ios::trunc);
  output << text << std::flush;
  if (output) return {};
  return Error{Code::permission_denied, "cannot write " + file + "; is its folder there, and may it be written to?"};
}

Result<std::string> write_report(const std::string& location, const std::string& json) {
  std::error_code error;
  std::string file = location;
  if (location.ends_with('/') || std::filesystem::is_directory(location, error)) {
    std::filesystem::create_directories(location, error);
    file = (std::filesystem::path(location) / (now_text("%Y-%m-%dT%H:%M:%SZ") + ".json")).string();
  }
  if (auto written = write_text(file, json); !written) return std::move(written).error();
  return file;
}

}  // namespace osprey::cli
