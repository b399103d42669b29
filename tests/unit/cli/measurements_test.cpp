#include "cli/benchmark/measurements.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "cli/benchmark/latency_picture.hpp"
#include "cli/benchmark/load.hpp"
#include "cli/benchmark/report.hpp"

namespace osprey::cli {
namespace {

using std::chrono::milliseconds;

Outcome answered() {
  Outcome outcome;
  outcome.images = 1;
  return outcome;
}

TEST(Quantile, IsThatOfNumpy) {
  const std::vector<double> values{1, 2, 4, 8, 16};
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.5), 4);
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.75), 8);
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.9), 12.8);  // numpy.percentile([1, 2, 4, 8, 16], 90)
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.99), 15.68);
  EXPECT_DOUBLE_EQ(quantile_of(values, 1), 16);
  EXPECT_DOUBLE_EQ(quantile_of({7}, 0.99), 7);
  EXPECT_DOUBLE_EQ(quantile_of({}, 0.5), 0);
}

TEST(Measurements, LeaveFailuresOutOfTimesAndRates) {
  Measurements measurements;
  measurements.add({.seconds = 0.010, .images = 2, .server_seconds = 0.004, .error = ""});
  measurements.add({.seconds = 0.030, .images = 2, .server_seconds = 0.008, .error = ""});
  measurements.add({.seconds = 0.001, .images = 0, .server_seconds = 0, .error = "503"});  // a refusal is fast
  measurements.add({.seconds = 9.000, .images = 0, .server_seconds = 0, .error = "timeout"});
  const auto statistics = measurements.statistics(2.0);
  EXPECT_EQ(statistics.requests, 2U);
  EXPECT_EQ(statistics.failures, 2U);
  EXPECT_DOUBLE_EQ(statistics.error_rate(), 50);
  EXPECT_EQ(statistics.errors.at("503"), 1U);
  EXPECT_NEAR(statistics.mean, 20, 1e-9);
  EXPECT_NEAR(statistics.deviation, 10, 1e-9);
  EXPECT_NEAR(statistics.most, 30, 1e-9);
  EXPECT_NEAR(statistics.server_mean, 6, 1e-9);
  EXPECT_DOUBLE_EQ(statistics.request_rate(), 1);
  EXPECT_DOUBLE_EQ(statistics.image_rate(), 2);
  EXPECT_EQ(measurements.statistics(1.0, 2).requests, 0U) << "the last two failed";
}

TEST(Load, MakesAllRequestsOfEachClientAndNoMoreAtATime) {
  LoadPlan plan;
  plan.clients = 3;
  plan.requests = 20;
  std::mutex mutex;
  std::set<std::size_t> indices;
  int running = 0;
  int most = 0;
  Measurements measurements;
  run_load(plan,
           [&](std::size_t index) {
             {
               const std::lock_guard lock(mutex);
               indices.insert(index);
               most = std::max(most, ++running);
             }
             std::this_thread::sleep_for(milliseconds(1));
             const std::lock_guard lock(mutex);
             --running;
             return answered();
           },
           measurements, {});
  EXPECT_EQ(indices.size(), 60U);
  EXPECT_EQ(measurements.count(), 60U);
  EXPECT_LE(most, 3);
}

TEST(Load, AtARateCountsFromWhenARequestWasDue) {
  LoadPlan plan;
  plan.requests = 10;
  plan.rate = 100;  // every 10 ms
  plan.most_at_a_time = 1;
  Measurements measurements;
  const double seconds = run_load(plan,
                                  [](std::size_t) {
                                    std::this_thread::sleep_for(milliseconds(30));
                                    return answered();
                                  },
                                  measurements, {});
  EXPECT_GE(seconds, 0.3);
  const auto statistics = measurements.statistics(seconds);
  EXPECT_GE(statistics.most, 200) << "the last one was due after 90 ms and done after 300";
  EXPECT_GE(statistics.least, 30);
}

TEST(Load, AtARateDoesNotRunAhead) {
  LoadPlan plan;
  plan.requests = 11;
  plan.rate = 100;
  Measurements measurements;
  EXPECT_GE(run_load(plan, [](std::size_t) { return answered(); }, measurements, {}), 0.1);
}

TEST(Load, EndsWhenItIsStopped) {
  LoadPlan plan;
  plan.requests = 1'000'000;
  std::stop_source stop;
  Measurements measurements;
  run_load(
      plan,
      [&](std::size_t index) {
        if (index == 10) stop.request_stop();
        return answered();
      },
      measurements, stop.get_token());
  EXPECT_EQ(measurements.count(), 11U);
}

TEST(LatencyPicture, HoldsTextAsText) {
  Measurements measurements;
  for (int i = 1; i <= 100; ++i) measurements.add({.seconds = i * 1e-3, .images = 1, .server_seconds = 0, .error = ""});
  const auto svg = latency_picture(measurements.statistics(1), "<script>&", "a\nb");
  EXPECT_NE(svg.find("&lt;script&gt;&amp;"), std::string::npos);
  EXPECT_EQ(svg.find("<script>"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_NE(svg.find("99.9 %"), std::string::npos);
}

TEST(LatencyPicture, OfOneOrNoRequestIsAPicture) {
  Measurements measurements;
  EXPECT_NE(latency_picture(measurements.statistics(1), "t", "s").find("no request went well"), std::string::npos);
  measurements.add({.seconds = 0.01, .images = 1, .server_seconds = 0, .error = ""});
  const auto svg = latency_picture(measurements.statistics(1), "t", "s");
  EXPECT_NE(svg.find("<polyline"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

TEST(Report, TellsErrorsByName) {
  Measurements measurements;
  measurements.add({.seconds = 0.01, .images = 1, .server_seconds = 0, .error = ""});
  measurements.add({.seconds = 0.01, .images = 0, .server_seconds = 0, .error = "503"});
  BenchmarkSubject subject;
  subject.model_id = "a/1";
  subject.where = "http://localhost:9001";
  const auto text = report_text(subject, measurements.statistics(1));
  EXPECT_NE(text.find("1 failed (1 times 503)"), std::string::npos) << text;
}

}  // namespace
}  // namespace osprey::cli
