#include "cli/settings.hpp"

#include <gtest/gtest.h>

#include "fake_models.hpp"

namespace osprey::cli {
namespace {

class SettingsFileTest : public testing::Test {
 protected:
  Status read(const std::string& text) {
    write_file(folder.path() / "osprey.yaml", text);
    return read_settings_file(folder.path() / "osprey.yaml", settings);
  }
  std::string error_of(const std::string& text) {
    const auto status = read(text);
    return status ? "no error" : status.error().message;
  }
  TemporaryFolder folder;
  ServerSettings settings;
};

TEST_F(SettingsFileTest, SetsWhatItNamesAndLeavesTheRest) {
  ASSERT_TRUE(read("port: 9100\nmodels: /srv/models\nlog_level: error\n"));
  EXPECT_EQ(settings.port, 9100);
  EXPECT_EQ(settings.models, "/srv/models");
  EXPECT_EQ(settings.log_level, "error");
  EXPECT_EQ(settings.host, "0.0.0.0");
}

TEST_F(SettingsFileTest, MayBeEmpty) {
  EXPECT_TRUE(read(""));
}

TEST_F(SettingsFileTest, NamesAnUnknownKeyAndTheKnownOnes) {
  const auto message = error_of("prot: 1\n");
  EXPECT_NE(message.find("'prot'"), std::string::npos) << message;
  EXPECT_NE(message.find("max_body_mib"), std::string::npos) << message;
}

TEST_F(SettingsFileTest, NamesTheKeyWhoseValueDoesNotFit) {
  EXPECT_NE(error_of("port: high\n").find("port"), std::string::npos);
  EXPECT_NE(error_of("port: 70000\n").find("port"), std::string::npos);
}

TEST_F(SettingsFileTest, RefusesWhatIsNoSettingsFile) {
  EXPECT_NE(error_of("- a\n- b\n"), "no error");
  EXPECT_NE(error_of("{unclosed\n"), "no error");
  EXPECT_EQ(read_settings_file("/no/such.yaml", settings).error().code, Code::not_found);
}

}  // namespace
}  // namespace osprey::cli
