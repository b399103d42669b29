// Which form of a network serves, and when another is compiled.
#include "registry/network_forms.hpp"

#include <array>
#include <atomic>

#include <gtest/gtest.h>

#include "engine/fake/fake_engine.hpp"
#include "fake_models.hpp"

namespace osprey::registry {
namespace {

/// Counts how often a session was told to let go of its memory.
class CountedSession final : public engine::Session {
 public:
  CountedSession(std::shared_ptr<engine::Session> inner, std::atomic<int>& released)
      : inner_(std::move(inner)), released_(released) {}
  [[nodiscard]] const GraphInfo& graph() const override { return inner_->graph(); }
  [[nodiscard]] int streams() const override { return inner_->streams(); }
  [[nodiscard]] std::string_view backend() const override { return inner_->backend(); }
  [[nodiscard]] Result<std::unique_ptr<engine::Execution>> create_execution() override {
    return inner_->create_execution();
  }
  void release_memory() override { ++released_; }

 private:
  std::shared_ptr<engine::Session> inner_;
  std::atomic<int>& released_;
};

class NetworkFormsTest : public testing::Test {
 protected:
  void SetUp() override {
    write_file(folder.path() / "x.onnx", "");
    engine = engine::create_fake_engine(
        {{{"in", {1, 1}}}, {{"out", {1}}}, {}, "f32"}, [](std::span<const TensorView> /*inputs*/) {
          return Result<std::vector<engine::FakeOutput>>(std::vector<engine::FakeOutput>{{{1}, {0}}});
        });
    graph = std::move(engine->read(folder.path() / "x.onnx")).value();
  }
  std::unique_ptr<NetworkForms> make(std::vector<int> steps) {
    auto forms = NetworkForms::create(
        std::make_shared<CountedSession>(*graph->compile({}), released[0]), std::move(steps),
        [this](int streams) -> Result<std::shared_ptr<engine::Session>> {
          asked.push_back(streams);
          if (refuse) return Error{Code::unsupported, "no"};
          auto session = graph->compile({.streams = streams});
          return std::shared_ptr<engine::Session>(std::make_shared<CountedSession>(*session, released[1]));
        },
        [this](engine::Execution& /*execution*/) {
          ++warmed;
          return Status();
        });
    return std::move(forms).value();
  }
  /// Runs and returns the form that served.
  static std::size_t serve(NetworkForms& forms, std::size_t demand) {
    auto stream = forms.take(demand);
    const std::size_t form = stream->form;
    forms.give_back(std::move(stream));
    return form;
  }

  TemporaryFolder folder;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<engine::Graph> graph;
  std::vector<int> asked;
  std::atomic<int> warmed = 0;
  std::array<std::atomic<int>, 2> released{};  // by form
  bool refuse = false;
};

TEST(StreamSteps, AreFewAndEndAtTheNumberOfCores) {
  EXPECT_EQ(stream_steps(1), (std::vector{1}));
  EXPECT_EQ(stream_steps(2), (std::vector{1, 2}));
  EXPECT_EQ(stream_steps(3), (std::vector{1, 3}));
  EXPECT_EQ(stream_steps(4), (std::vector{1, 2, 4}));
  EXPECT_EQ(stream_steps(16), (std::vector{1, 4, 16}));
}

TEST_F(NetworkFormsTest, OneRequestAtATimeNeverCompilesAnotherForm) {
  const auto forms = make({1, 2});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(serve(*forms, 1), 0U);
  forms->wait_for_compiler();
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(forms->concurrency(1), 1U);
}

TEST_F(NetworkFormsTest, TheFirstConcurrencyCompilesTheFormForMany) {
  const auto forms = make({1, 2});
  EXPECT_EQ(serve(*forms, 2), 0U) << "the form that is there serves meanwhile";
  forms->wait_for_compiler();
  EXPECT_EQ(asked, (std::vector{2}));
  EXPECT_EQ(warmed, 3) << "each stream runs once before it serves";
  EXPECT_EQ(serve(*forms, 2), 1U);
  EXPECT_EQ(forms->concurrency(2), 2U);
}

TEST_F(NetworkFormsTest, GoesBackToAllCoresForOneOnceTheOthersStayAway) {
  const auto forms = make({1, 2});
  (void)serve(*forms, 2);
  forms->wait_for_compiler();
  EXPECT_EQ(serve(*forms, 1), 1U) << "the others may be away for a moment";
  for (int i = 0; i < 8; ++i) (void)serve(*forms, 1);
  EXPECT_EQ(serve(*forms, 1), 0U);
  EXPECT_EQ(forms->concurrency(1), 1U);
  EXPECT_EQ(serve(*forms, 2), 1U) << "and at once to the other form when they are back";
}

TEST_F(NetworkFormsTest, ChoosesTheMostStreamsThatLeaveNoCoreIdle) {
  const auto forms = make({1, 2, 8});
  for (int i = 0; i < 2; ++i) {
    (void)serve(*forms, 8);
    forms->wait_for_compiler();
  }
  EXPECT_EQ(forms->compiled(), 3U);
  for (int i = 0; i < 8; ++i) (void)serve(*forms, 7);
  EXPECT_EQ(serve(*forms, 7), 1U) << "two streams of four cores, not seven of one";
  EXPECT_EQ(forms->concurrency(7), 2U);
  EXPECT_EQ(forms->concurrency(8), 8U);
}

TEST_F(NetworkFormsTest, ARefusedFormIsNotAskedForAgain) {
  refuse = true;
  const auto forms = make({1, 2});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(serve(*forms, 5), 0U);
    forms->wait_for_compiler();
  }
  EXPECT_EQ(asked, (std::vector{2}));
  EXPECT_EQ(forms->concurrency(5), 1U);
}

TEST_F(NetworkFormsTest, LendsNoStreamTwice) {
  const auto forms = make({1, 2});
  auto first = forms->take(1);
  ASSERT_TRUE(first);
  EXPECT_FALSE(forms->take(1)) << "the only stream is lent out";
  forms->give_back(std::move(first));
  EXPECT_TRUE(forms->take(1));
}

TEST_F(NetworkFormsTest, AFormThatIsNotUsedLetsGoOfItsMemoryOnceUntilItIsUsedAgain) {
  const auto forms = make({1, 2});
  serve(*forms, 2);
  forms->wait_for_compiler();
  for (int i = 0; i < 200; ++i) EXPECT_EQ(serve(*forms, 2), 1U);
  EXPECT_EQ(released[0], 1);
  EXPECT_EQ(released[1], 0);
  for (int i = 0; i < 200; ++i) serve(*forms, 1);
  EXPECT_EQ(serve(*forms, 1), 0U);
  EXPECT_EQ(released[0], 1) << "it serves again";
  EXPECT_EQ(released[1], 1);
}

TEST_F(NetworkFormsTest, MemoryOfAFormWithARunUnderWayIsKept) {
  const auto forms = make({1, 2});
  auto slow = forms->take(2);
  ASSERT_EQ(slow->form, 0U);
  forms->wait_for_compiler();
  for (int i = 0; i < 200; ++i) EXPECT_EQ(serve(*forms, 2), 1U);
  EXPECT_EQ(released[0], 0);
  forms->give_back(std::move(slow));
  for (int i = 0; i < 200; ++i) serve(*forms, 2);
  EXPECT_EQ(released[0], 1);
}

}  // namespace
}  // namespace osprey::registry
