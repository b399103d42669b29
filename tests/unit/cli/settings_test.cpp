#include "cli/settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "cli/hub_settings.hpp"
#include "cli/setting_rules.hpp"
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

TEST_F(SettingsFileTest, TakesListsInEitherForm) {
  ASSERT_TRUE(read("preload_models: [a/1, b/2]\npinned_models: c/3, d/4\n"));
  EXPECT_EQ(settings.preload_models, (std::vector<std::string>{"a/1", "b/2"}));
  EXPECT_EQ(settings.pinned_models, (std::vector<std::string>{"c/3", "d/4"}));
}

class SettingsEnvironmentTest : public testing::Test {
 protected:
  ~SettingsEnvironmentTest() override {
    for (const auto& name : set_) unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  ServerSettings settings;

 private:
  std::vector<std::string> set_;
};

TEST_F(SettingsEnvironmentTest, IsReadByTheReferencesNames) {
  set("MAX_ACTIVE_MODELS", "3");
  set("OFFLINE_MODE", "True");
  set("API_KEY", "fallback");
  set("ALLOW_ORIGINS", "http://a.example, http://b.example");
  ASSERT_TRUE(read_settings_environment(settings));
  EXPECT_EQ(settings.max_active_models, 3U);
  EXPECT_TRUE(settings.offline);
  EXPECT_EQ(settings.api_key, "fallback");
  EXPECT_EQ(settings.allow_origins, (std::vector<std::string>{"http://a.example", "http://b.example"}));
  set("ROBOFLOW_API_KEY", "first");
  ASSERT_TRUE(read_settings_environment(settings));
  EXPECT_EQ(settings.api_key, "first") << "the first of two names counts";
}

TEST_F(SettingsEnvironmentTest, TakesAnEmptyNumberOrSwitchAsNotSet) {
  set("PORT", "");
  set("OFFLINE_MODE", "");
  set("MODEL_CACHE_DIR", "");
  ASSERT_TRUE(read_settings_environment(settings));
  EXPECT_EQ(settings.port, 9001);
  EXPECT_FALSE(settings.offline);
  EXPECT_EQ(settings.cache, "") << "an empty folder is a choice: no cache";
}

TEST_F(SettingsEnvironmentTest, NamesTheVariableWhoseValueDoesNotFit) {
  set("OFFLINE_MODE", "perhaps");
  const auto read = read_settings_environment(settings);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("OFFLINE_MODE"), std::string::npos) << read.error().message;
}

TEST(SettingRules, HaveNamesOfTheirOwn) {
  std::set<std::string_view> keys;
  std::set<std::string_view> variables;
  for (const auto& rule : setting_rules()) {
    EXPECT_TRUE(keys.insert(rule.key).second) << rule.key;
    EXPECT_TRUE(variables.insert(rule.variables).second) << rule.variables;
    EXPECT_FALSE(rule.help.empty()) << rule.key;
  }
}

TEST(SettingRules, AreAllInTheManual) {
  std::ifstream file(OSPREY_DOCS "/operations.md");
  const std::string manual{std::istreambuf_iterator<char>(file), {}};
  for (const auto& rule : setting_rules()) {
    EXPECT_NE(manual.find("`" + rule.flag() + "`"), std::string::npos) << rule.flag();
    EXPECT_NE(manual.find("`" + std::string(rule.variables.substr(0, rule.variables.find(','))) + "`"),
              std::string::npos)
        << rule.variables;
  }
}

TEST(SettingRules, ReadBackWhatTheyWrite) {
  ServerSettings settings;
  for (const auto& rule : setting_rules()) {
    const auto text = setting_text(rule, settings);
    EXPECT_TRUE(set_setting(rule, text, settings)) << rule.key;
    EXPECT_EQ(setting_text(rule, settings), text) << rule.key;
  }
}

TEST(SettingRules, KeepNumbersWithinTheirBounds) {
  ServerSettings settings;
  for (const auto& rule : setting_rules()) {
    if (rule.key != "port" && rule.key != "max_active_models") continue;
    EXPECT_FALSE(set_setting(rule, "-1", settings)) << rule.key;
    EXPECT_FALSE(set_setting(rule, "99999999999", settings)) << rule.key;
    EXPECT_FALSE(set_setting(rule, "7x", settings)) << rule.key;
    EXPECT_FALSE(set_setting(rule, "", settings)) << rule.key;
    EXPECT_TRUE(set_setting(rule, " 7 ", settings)) << rule.key;
  }
}

TEST(HubOptions, AreRefusedWhenHeadersOrStatusesAreNotWhatTheyShouldBe) {
  ServerSettings settings;
  EXPECT_TRUE(hub_options(settings));
  settings.registry_headers = R"({"X-Team": "vision"})";
  EXPECT_EQ(hub_options(settings)->extra_headers.at("X-Team"), "vision");
  for (const char* wrong : {"[]", "{", R"({"X-Team": 1})"}) {
    settings.registry_headers = wrong;
    EXPECT_FALSE(hub_options(settings)) << wrong;
  }
  settings.registry_headers.clear();
  settings.registry_retried_statuses = {"99"};
  EXPECT_FALSE(hub_options(settings));
}

}  // namespace
}  // namespace osprey::cli
