#include "base/cores.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <thread>

namespace osprey {
namespace {

namespace fs = std::filesystem;

class CpuQuotaTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "cpu");
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::size_t version_2(const std::string& text) {
    std::ofstream(folder_ / "cpu.max") << text;
    return cpu_quota(folder_);
  }
  std::size_t version_1(const std::string& quota, const std::string& period) {
    std::ofstream(folder_ / "cpu/cpu.cfs_quota_us") << quota;
    std::ofstream(folder_ / "cpu/cpu.cfs_period_us") << period;
    return cpu_quota(folder_);
  }

  fs::path folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(CpuQuotaTest, IsReadFromControlGroupsOfVersion2RoundedUp) {
  EXPECT_EQ(version_2("200000 100000\n"), 2U);
  EXPECT_EQ(version_2("250000 100000\n"), 3U);
  EXPECT_EQ(version_2("5000 100000\n"), 1U);
  EXPECT_EQ(version_2("max 100000\n"), 0U);
}

TEST_F(CpuQuotaTest, IsReadFromControlGroupsOfVersion1) {
  EXPECT_EQ(version_1("400000\n", "100000\n"), 4U);
  EXPECT_EQ(version_1("-1\n", "100000\n"), 0U);
}

TEST_F(CpuQuotaTest, IsNoneWhereNothingSensibleIsTold) {
  EXPECT_EQ(cpu_quota(folder_), 0U);
  EXPECT_EQ(cpu_quota(folder_ / "absent"), 0U);
  EXPECT_EQ(version_2("many 100000\n"), 0U);
  EXPECT_EQ(version_2("200000 0\n"), 0U);
}

TEST(UsableCores, AreAtLeastOneAndNoMoreThanThereAre) {
  EXPECT_GE(usable_cores(), 1U);
  EXPECT_LE(usable_cores(), std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace osprey
