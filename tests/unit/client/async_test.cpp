// Calls that nobody waits for, and calls of several threads.
#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "server_stand_in.hpp"

namespace osprey::client {
namespace {

class ClientAsync : public testing::Test {
 protected:
  ServerStandIn server{[](const http::Request&) { return answer_with(200, kOneCat); }};
};

TEST_F(ClientAsync, FuturesAreFulfilled) {
  auto client = client_for(options_for(server));
  std::vector<std::future<Result<Prediction>>> futures;
  for (int i = 0; i < 20; ++i) futures.push_back(client.infer_async(any_image(), "cats/1"));
  for (auto& future : futures) {
    const auto found = future.get();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found.value().detections.size(), 1U);
  }
}

TEST_F(ClientAsync, ARequestThatCannotBeMadeFailsAtOnce) {
  auto client = client_for(options_for(server));
  auto future = client.infer_async(Image::from_bytes({}), "cats/1");
  EXPECT_EQ(future.get().error().kind, ErrorKind::invalid_argument);
  EXPECT_TRUE(server.requests("/model/add").empty());
}

TEST_F(ClientAsync, NoMoreThanSoManyAreOnTheWire) {
  auto options = options_for(server);
  options.max_connections = 3;
  auto client = client_for(options);
  ASSERT_TRUE(client.infer(any_image(), "cats/1"));
  server.hold();
  std::vector<std::future<Result<Prediction>>> futures;
  for (int i = 0; i < 10; ++i) futures.push_back(client.infer_async(any_image(), "cats/1"));
  ASSERT_TRUE(http::eventually([&] { return server.held() == 3; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(server.held(), 3U);
  server.release();
  for (auto& future : futures) EXPECT_TRUE(future.get());
}

TEST_F(ClientAsync, BlocksWhileTooManyWait) {
  auto options = options_for(server);
  options.max_connections = 1;
  options.max_waiting = 2;
  auto client = client_for(options);
  ASSERT_TRUE(client.infer(any_image(), "cats/1"));
  server.hold();
  std::atomic<int> submitted{0};
  std::atomic<int> done{0};
  std::jthread submitter([&] {
    for (int i = 0; i < 6; ++i) {
      client.infer_async(any_image(), "cats/1", {}, [&](Result<Prediction> found) { done += found ? 1 : 0; });
      ++submitted;
    }
  });
  ASSERT_TRUE(http::eventually([&] { return submitted == 3; }));  // one on the wire, two wait
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(submitted, 3);
  server.release();
  EXPECT_TRUE(http::eventually([&] { return done == 6; }));
}

TEST_F(ClientAsync, ACallbackMayCallTheClient) {
  auto options = options_for(server);
  options.max_connections = 1;
  options.max_waiting = 1;
  auto client = client_for(options);
  std::promise<std::size_t> found;
  client.infer_async(any_image(), "cats/1", {}, [&](Result<Prediction>) {
    // More than may wait: it must not block on the only thread that makes room.
    for (int i = 0; i < 3; ++i) client.infer_async(any_image(), "cats/1", {}, [](Result<Prediction>) {});
    client.infer_async(any_image(), "cats/1", {},
                       [&](Result<Prediction> last) { found.set_value(last ? last->detections.size() : 0); });
  });
  EXPECT_EQ(found.get_future().get(), 1U);
}

TEST_F(ClientAsync, ItsEndCancelsWhatIsUnderWay) {
  server.hold();
  std::vector<std::future<Result<Prediction>>> futures;
  {
    auto options = options_for(server);
    options.max_connections = 2;
    auto client = client_for(options);
    InferOptions told;
    told.task = Task::object_detection;
    for (int i = 0; i < 5; ++i) futures.push_back(client.infer_async(any_image(), "cats/1", told));
    ASSERT_TRUE(http::eventually([&] { return server.held() == 2; }));
  }
  for (auto& future : futures) EXPECT_EQ(future.get().error().kind, ErrorKind::cancelled);
  server.release();
}

TEST_F(ClientAsync, ItsEndCutsPausesShort) {
  ServerStandIn busy([](const http::Request&) { return answer_with(503, "{}"); });
  std::optional<std::future<Result<Prediction>>> future;
  const auto before = std::chrono::steady_clock::now();
  {
    auto options = options_for(busy);
    options.retries.first_pause = options.retries.longest_pause = std::chrono::milliseconds(20'000);
    auto client = client_for(options);
    future = client.infer_async(any_image(), "cats/1");
    ASSERT_TRUE(http::eventually([&] { return !busy.requests("/infer/object_detection").empty(); }));
  }
  EXPECT_EQ(future->get().error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST_F(ClientAsync, ManyThreadsShareIt) {
  auto options = options_for(server);
  options.max_connections = 2;  // fewer than threads: they wait for each other
  auto client = client_for(options);
  std::atomic<int> found{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 10; ++k) found += client.infer(any_image(), "cats/1") ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(found, 80);
}

TEST_F(ClientAsync, APreparedRequestIsSentAsOftenAsWanted) {
  auto client = client_for(options_for(server));
  const auto image = any_image();
  const auto request = client.prepare({&image, 1}, "cats/1");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(client.send(request.value()));
  std::promise<Result<std::vector<Prediction>>> sent;
  client.send_async(request.value(), [&](Result<std::vector<Prediction>> found) { sent.set_value(std::move(found)); });
  EXPECT_TRUE(sent.get_future().get());
  EXPECT_EQ(server.requests("/infer/object_detection").size(), 2U);
}

}  // namespace
}  // namespace osprey::client
