// How many share the cores, and what follows from it. Without threads, so every order is certain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recording_job.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::scheduler {
namespace {

using testing::ElementsAre;

class SchedulerDemandTest : public testing::Test {
 protected:
  Lane lane(LaneOptions options, std::function<void()> during = {}) {
    auto runner = std::make_unique<RecordingRunner>(log, std::move(during));
    last_runner = runner.get();
    return scheduler.add_lane(std::move(options), std::move(runner));
  }
  std::shared_ptr<Fate> submit(Lane& to, const std::string& name, bool cancelled = false) {
    auto fate = std::make_shared<Fate>();
    auto job = std::make_unique<RecordingJob>(name, fate);
    job->is_cancelled = cancelled;
    to.submit(std::move(job));
    return fate;
  }
  void run_all() {
    while (scheduler.run_one()) {
    }
  }

  std::vector<std::string> log;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  Scheduler scheduler{0, clock};
  RecordingRunner* last_runner = nullptr;
  Lane* engine_ = nullptr;  // for a job that submits to its own lane
};

TEST_F(SchedulerDemandTest, IsTheJobsThatWaitOrRunInAllLanes) {
  auto a = lane({.name = "a"});
  auto* const runner = last_runner;
  auto b = lane({.name = "b"});
  submit(a, "1");
  submit(a, "2");
  submit(b, "3");
  run_all();
  EXPECT_THAT(log, ElementsAre("1", "3", "2"));
  EXPECT_THAT(runner->demands, ElementsAre(3U, 1U));
}

TEST_F(SchedulerDemandTest, CountsNoneThatWereDroppedOrRefused) {
  auto a = lane({.name = "a", .max_queue = 3});
  auto* const runner = last_runner;
  submit(a, "gone", true);
  submit(a, "1");
  submit(a, "2");
  submit(a, "refused");
  {
    auto closed = lane({.name = "closed"});
    submit(closed, "x");
  }
  run_all();
  EXPECT_THAT(runner->demands, ElementsAre(2U, 1U));
}

TEST_F(SchedulerDemandTest, ARunnerBoundsItsBatchesByTheDemand) {
  Lane* itself = nullptr;
  std::vector<bool> ran_beside;
  int depth = 0;
  auto a = lane({.name = "a", .concurrency = 4}, [&] {
    if (depth++ == 0) ran_beside.push_back(scheduler.run_one());
  });
  last_runner->worth_running = [](std::size_t demand) { return demand >= 3 ? std::size_t{2} : std::size_t{1}; };
  itself = &a;
  submit(*itself, "1");
  submit(*itself, "2");
  run_all();
  EXPECT_THAT(ran_beside, ElementsAre(false)) << "two share the cores: one batch at a time";
  depth = 0;
  for (const char* name : {"3", "4", "5"}) submit(*itself, name);
  run_all();
  EXPECT_THAT(ran_beside, ElementsAre(false, true)) << "three: two at a time";
}

TEST_F(SchedulerDemandTest, WhatAJobHandsOverRunsOnceLikeAnyOther) {
  auto engine = lane({.name = "engine", .max_queue = 1, .finishing = true});
  const auto fate = std::make_shared<Fate>();
  const auto refused = std::make_shared<Fate>();
  auto prepare = lane({.name = "prepare"}, [&] {
    engine.hand_over(std::make_unique<RecordingJob>("e1", fate));
    engine.hand_over(std::make_unique<RecordingJob>("e2", refused));
  });
  submit(prepare, "p1");
  run_all();
  EXPECT_THAT(log, ElementsAre("p1", "e1"));
  EXPECT_EQ(fate->runs, 1);
  EXPECT_EQ(refused->drops, 1);
  EXPECT_EQ(refused->why.code, Code::overloaded);
}

TEST_F(SchedulerDemandTest, BeginsNothingMoreWhileEnoughWaitsToBeFinished) {
  int batches = 0;
  auto engine = lane({.name = "engine", .finishing = true}, [&] {
    if (batches++ == 0) {
      EXPECT_FALSE(scheduler.run_one()) << "one waits for the engine already";
    }
  });
  auto prepare = lane({.name = "prepare"});
  submit(engine, "e1");
  submit(engine, "e2");
  submit(prepare, "p1");
  run_all();
  EXPECT_THAT(log, ElementsAre("e1", "e2", "p1"));
}

TEST_F(SchedulerDemandTest, BeginsAsMuchAsAFixedBatchTakes) {
  int batches = 0;
  auto engine = lane({.name = "engine", .max_batch = 4, .finishing = true}, [&] {
    if (batches++ > 0) return;
    submit(*engine_, "e2");
    EXPECT_TRUE(scheduler.run_one()) << "one of four waits: there is room for more";
  });
  engine_ = &engine;
  auto prepare = lane({.name = "prepare"});
  submit(engine, "e1");
  submit(prepare, "p1");
  run_all();
  EXPECT_THAT(log, ElementsAre("e1", "p1", "e2"));
}

TEST_F(SchedulerDemandTest, ABatchNeverWaitsForMore) {
  auto a = lane({.name = "a", .max_batch = 8});
  submit(a, "1");
  EXPECT_TRUE(scheduler.run_one()) << "the clock stands, and the job runs";
  EXPECT_THAT(log, ElementsAre("1"));
}

TEST_F(SchedulerDemandTest, NoneOfManyBusyLanesStarves) {
  std::vector<Lane> lanes;
  for (const char* name : {"a", "b", "c"}) lanes.push_back(lane({.name = name, .max_queue = 100, .finishing = true}));
  for (int i = 0; i < 30; ++i) submit(lanes[0], "a");
  for (int i = 0; i < 3; ++i) {
    submit(lanes[1], "b");
    submit(lanes[2], "c");
  }
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(scheduler.run_one());
  EXPECT_EQ(std::count(log.begin(), log.end(), "b"), 3);
  EXPECT_EQ(std::count(log.begin(), log.end(), "c"), 3);
}

}  // namespace
}  // namespace osprey::scheduler
