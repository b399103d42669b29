#include "cli/server_record.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "cli/server_process.hpp"
#include "fake_models.hpp"

namespace osprey::cli {
namespace {

using std::chrono::milliseconds;

ServerRecord record_of(pid_t pid, std::uint16_t port) {
  return {.pid = pid,
          .host = "127.0.0.1",
          .port = port,
          .https = false,
          .started = 1'700'000'000,
          .version = "1.2.3",
          .models = "/srv/models",
          .log = "/srv/log",
          .drain_seconds = 30};
}

/// A process that holds the file of a port, as a server does, until it is ended.
class Holder {
 public:
  Holder(const std::filesystem::path& folder, std::uint16_t port) {
    int ready[2];
    if (::pipe(ready) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      auto held = HeldRecord::create(folder, record_of(::getpid(), port));
      const char told = held ? 'y' : 'n';
      if (::write(ready[1], &told, 1) != 1) ::_exit(1);
      while (true) ::pause();
    }
    ::close(ready[1]);
    char told = 'n';
    holds_ = ::read(ready[0], &told, 1) == 1 && told == 'y';
    ::close(ready[0]);
  }
  ~Holder() { end(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  /// The signal that ended it; 0: it has not ended.
  int reap(bool wait) {
    int status = 0;
    if (::waitpid(pid_, &status, wait ? 0 : WNOHANG) != pid_) return 0;
    pid_ = 0;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool holds() const { return holds_; }

 private:
  pid_t pid_ = 0;
  bool holds_ = false;
};

TEST(ServerRecord, IsSeenAsRunningWhileItsProcessLives) {
  const TemporaryFolder folder;
  Holder holder(folder.path(), 9001);
  ASSERT_TRUE(holder.holds());
  auto found = look_at(record_file(folder.path(), 9001));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->running);
  EXPECT_EQ(found->holder, holder.pid());
  EXPECT_EQ(found->record.version, "1.2.3");
  EXPECT_EQ(found->record.models, "/srv/models");
  EXPECT_EQ(found->record.drain_seconds, 30U);

  holder.end();
  found = look_at(record_file(folder.path(), 9001));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->running) << "the file is there, its process is not";
  EXPECT_FALSE(found->holder);
}

TEST(ServerRecord, OfAProcessThatIsGoneNeverMeansWhoHasItsNumberNow) {
  const TemporaryFolder folder;
  {
    auto held = HeldRecord::create(folder.path(), record_of(::getpid(), 9001));  // this process is "another" by now
    ASSERT_TRUE(held);
  }
  const auto found = look_at(record_file(folder.path(), 9001));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record.pid, ::getpid()) << "which lives";
  EXPECT_FALSE(found->running);
  EXPECT_FALSE(ServerProcess::open(*found));
}

TEST(ServerRecord, IsRefusedToASecondServerOnThePort) {
  const TemporaryFolder folder;
  const Holder holder(folder.path(), 9001);
  ASSERT_TRUE(holder.holds());
  const auto second = HeldRecord::create(folder.path(), record_of(::getpid(), 9001));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_NE(second.error().message.find("9001"), std::string::npos) << second.error().message;
  EXPECT_TRUE(HeldRecord::create(folder.path(), record_of(::getpid(), 9002)));
}

TEST(ServerRecord, ThatIsStaleIsWrittenOver) {
  const TemporaryFolder folder;
  {
    Holder(folder.path(), 9001).end();
  }
  const auto file = record_file(folder.path(), 9001);
  ASSERT_TRUE(std::filesystem::exists(file));
  auto held = HeldRecord::create(folder.path(), record_of(4242, 9001));
  ASSERT_TRUE(held) << held.error().message;
  std::ifstream text(file);
  pid_t first_line = 0;
  text >> first_line;
  EXPECT_EQ(first_line, 4242) << "the first line is the pid alone, as others read it";
  held->remove();
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(ServerRecord, OfARunningServerIsNotRemovedAsStale) {
  const TemporaryFolder folder;
  Holder holder(folder.path(), 9001);
  ASSERT_TRUE(holder.holds());
  const auto file = record_file(folder.path(), 9001);
  remove_stale(file);
  EXPECT_TRUE(std::filesystem::exists(file));
  holder.end();
  remove_stale(file);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(ServerRecord, FindsServersByPortAndLeavesOutWhatIsNone) {
  const TemporaryFolder folder;
  const Holder second(folder.path(), 9002);
  const Holder first(folder.path(), 9001);
  write_file(folder.path() / "server-9003.pid", "1\n");
  write_file(folder.path() / "server-9004.pid", "1\n{\"port\": \"many\"}\n");
  write_file(folder.path() / "server-9005.pid", "-1\n{}\n");
  write_file(folder.path() / "notes.pid", "1\n");
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "server-9006.pid");
  const auto found = find_servers(folder.path());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].record.port, 9001);
  EXPECT_EQ((*found)[1].record.port, 9002);
  EXPECT_TRUE(find_servers(folder.path() / "none")->empty());
}

TEST(ServerRecord, FolderIsForItsOwnerAlone) {
  const TemporaryFolder folder;
  const auto state = folder.path() / "a" / "state";
  ASSERT_TRUE(make_state_dir(state));
  EXPECT_EQ(std::filesystem::status(state).permissions(), std::filesystem::perms::owner_all);
  EXPECT_TRUE(make_state_dir(state)) << "it may be there already";
  write_file(folder.path() / "file", "");
  EXPECT_FALSE(make_state_dir(folder.path() / "file"));
  EXPECT_FALSE(make_state_dir(""));
}

TEST(ServerProcess, IsAskedToEndAndWaitedFor) {
  const TemporaryFolder folder;
  Holder holder(folder.path(), 9001);
  const auto found = look_at(record_file(folder.path(), 9001));
  ASSERT_TRUE(found);
  const auto process = ServerProcess::open(*found);
  ASSERT_TRUE(process) << process.error().message;
  EXPECT_FALSE(process->wait(milliseconds(20))) << "it has not been asked yet";
  ASSERT_TRUE(process->terminate());
  EXPECT_TRUE(process->wait(milliseconds(10'000)));
  EXPECT_EQ(holder.reap(true), SIGTERM);
}

TEST(ServerProcess, OfAFileThatAnotherTookOverMeanwhileIsNotOpened) {
  const TemporaryFolder folder;
  Holder former(folder.path(), 9001);
  auto found = look_at(record_file(folder.path(), 9001));
  ASSERT_TRUE(found);
  Holder stranger(folder.path(), 9002);  // a process that lives, and does not hold the file
  found->holder = stranger.pid();
  EXPECT_FALSE(ServerProcess::open(*found));
  EXPECT_EQ(stranger.reap(false), 0);
}

}  // namespace
}  // namespace osprey::cli
