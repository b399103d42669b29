#include "quantization/child_process.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

#include <gtest/gtest.h>

namespace osprey::quantization {
namespace {

namespace fs = std::filesystem;

class ChildProcess : public testing::Test {
 protected:
  ChildProcess() { fs::create_directories(folder_); }
  ~ChildProcess() override { fs::remove_all(folder_); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  Status shell(const std::string& script) { return run_program({"sh", "-c", script}, folder_ / "log", cancel_); }

  fs::path folder_ = fs::path(testing::TempDir()) / ("child_process_" + std::to_string(getpid()));
  CancelToken cancel_;
};

TEST_F(ChildProcess, SucceedsWithExitCodeZeroAndLogsWhatIsPrinted) {
  ASSERT_TRUE(shell("echo out; echo err >&2"));
  std::ifstream log(folder_ / "log");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(log), {}), "out\nerr\n");
}

TEST_F(ChildProcess, TellsTheExitCodeAndTheLastLine) {
  const auto done = shell("echo first; echo the reason; echo; exit 3");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "sh failed with exit code 3: the reason");
}

TEST_F(ChildProcess, TellsTheSignalThatEndedIt) {
  const auto done = shell("kill -9 $$");
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("signal 9"), std::string::npos) << done.error().message;
}

TEST_F(ChildProcess, TellsAProgramThatIsNotThere) {
  const auto done = run_program({"/no/such/program"}, folder_ / "log", cancel_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::unavailable);
  EXPECT_NE(done.error().message.find("/no/such/program cannot be started: No such file"), std::string::npos);
}

TEST_F(ChildProcess, HasNothingOnItsStandardInput) {
  EXPECT_TRUE(shell("test -z \"$(cat)\""));
}

TEST_F(ChildProcess, IsKilledWithItsChildrenWhenCancelled) {
  const std::jthread canceller([this] {
    while (!fs::exists(folder_ / "started")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    cancel_.cancel();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto done = shell("(sleep 60; touch '" + (folder_ / "late").string() + "') & touch '" +
                          (folder_ / "started").string() + "'; wait");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

}  // namespace
}  // namespace osprey::quantization
