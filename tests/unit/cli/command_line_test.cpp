#include "cli/command_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/argument_names.hpp"
#include "cli/completion/command_tree.hpp"
#include "cli/detached_server.hpp"
#include "cli/environment_file.hpp"
#include "cli/setting_rules.hpp"
#include "cli/terminal.hpp"
#include "fake_models.hpp"

namespace osprey::cli {
namespace {

using Words = std::vector<std::string>;

const CLI::App* find(const CLI::App& app, const std::string& path) {
  std::istringstream words(path);
  std::string word;
  words >> word;  // "inference"
  const CLI::App* found = &app;
  while (words >> word) found = found->get_subcommand(word);
  return found;
}

/// A value that an option takes, going by what its help says of it.
std::string sample_value(const CommandOption& option, const std::string& type) {
  if (!option.choices.empty()) return option.choices.front();
  if (type.find("FLOAT in [0 - 1]") != std::string::npos) return "0.5";
  // What is checked has its bounds in the type: a number of this range.
  if (const auto range = type.find(" in ["); range != std::string::npos) {
    return type.substr(range + 5, type.find(' ', range + 5) - range - 5);
  }
  return "7";
}

std::string type_of(const CLI::App& command, const std::string& name) {
  return command.get_option(name)->get_type_name();
}

/// What a command cannot do without, so that one option can be looked at alone: all but that one.
Words required(const CLI::App& command, const std::string& but) {
  Words words;
  for (const auto* option : command.get_options()) {
    if (!option->get_required() || option->check_name(but)) continue;
    if (!option->get_lnames().empty()) words.push_back("--" + option->get_lnames().front());
    words.push_back("x");
  }
  return words;
}

Words words_of(const std::string& path) {
  std::istringstream text(path);
  Words words{std::istream_iterator<std::string>(text), {}};
  words.erase(words.begin());
  return words;
}

std::string manual() {
  std::ifstream file(OSPREY_DOCS "/cli.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The text of the section of a command; empty: there is none.
std::string section(const std::string& text, const std::string& path) {
  const auto begin = text.find("\n## " + path + "\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find("\n## ", begin + 1) - begin);
}

/// Options in backticks, without the values that follow them.
std::set<std::string> options_in(const std::string& text) {
  std::set<std::string> names;
  for (auto begin = text.find("`-"); begin != std::string::npos; begin = text.find("`-", begin + 1)) {
    const auto name = text.substr(begin + 1, text.find_first_of("` =", begin + 1) - begin - 1);
    if (name.size() > 1) names.insert(name);
  }
  return names;
}

/// Those in the first columns of the tables, which say that there is such an option.
std::set<std::string> options_in_tables(const std::string& text) {
  std::string columns;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| `-")) columns += line.substr(0, line.find(" | ", 2)) + "\n";
  }
  return options_in(columns);
}

bool is_setting(const CommandOption& option) {
  const auto rules = setting_rules();
  return option.names.size() == 1 &&
         std::any_of(rules.begin(), rules.end(), [&](const auto& rule) { return rule.flag() == option.names.front(); });
}

TEST(CommandLine, TakesEachOptionOfEachCommand) {
  const CommandLine names;
  std::size_t taken = 0;
  const auto root = command_tree(names.app());
  for (const auto* node : all_commands(root)) {
    const auto& command = *find(names.app(), node->path);
    for (const auto& option : node->options) {
      for (const auto& name : option.names) {
        if (name == "--help" || name == "--version" || (name == "-h" && option.kind == ValueKind::none)) continue;
        auto arguments = words_of(node->path);
        const auto needed = required(command, name);
        arguments.insert(arguments.end(), needed.begin(), needed.end());
        arguments.push_back(name);
        if (option.kind != ValueKind::none && option.kind != ValueKind::optional_choice) {
          arguments.push_back(sample_value(option, type_of(command, name)));
        }
        CommandLine line;
        EXPECT_NO_THROW(line.parse(arguments)) << node->path << " " << name << " " << arguments.back();
        ++taken;
      }
    }
  }
  EXPECT_GT(taken, 150U);
}

TEST(CommandLine, HelpOfEachCommandSaysWhatItDoes) {
  const CommandLine line;
  const auto root = command_tree(line.app());
  for (const auto* node : all_commands(root)) {
    const auto& command = *find(line.app(), node->path);
    EXPECT_FALSE(command.get_description().empty()) << node->path;
    for (const auto* option : command.get_options()) {
      EXPECT_FALSE(option->get_description().empty()) << node->path << " " << option->get_name(true);
      EXPECT_NE(command.help().find(option->get_lnames().empty() ? option->get_name(true)
                                                                 : "--" + option->get_lnames().front()),
                std::string::npos)
          << node->path << " " << option->get_name(true);
    }
    auto arguments = words_of(node->path);
    arguments.push_back("--help");
    CommandLine other;
    EXPECT_THROW(other.parse(arguments), CLI::CallForHelp) << node->path;
  }
}

TEST(CommandLine, IsInTheManualWithEachOption) {
  const auto text = manual();
  ASSERT_FALSE(text.empty());
  const CommandLine line;
  const auto root = command_tree(line.app());
  for (const auto* node : all_commands(root)) {
    if (!node->commands.empty()) continue;  // a group
    const auto told = section(text, node->path);
    if (told.empty()) ADD_FAILURE() << "docs/cli.md has no section '" << node->path << "'";
    const auto in_section = options_in(told);
    auto in_tables = options_in_tables(told);
    for (const auto& option : node->options) {
      for (const auto& name : option.names) {
        in_tables.erase(name);
        // The settings of the server are in a table of their own (SettingRules.AreAllInTheManual).
        if (option.names.front() == "--help" || (node->path == "inference server start" && is_setting(option)))
          continue;
        EXPECT_TRUE(in_section.contains(name)) << "docs/cli.md, " << node->path << ": " << name << " is missing";
      }
    }
    for (const auto& name : in_tables) {
      const bool stands_for_another = with_known_names(line.app(), {name}).front() != name;  // "-wr"
      EXPECT_TRUE(stands_for_another) << "docs/cli.md, " << node->path << ": there is no " << name;
    }
  }
}

TEST(CommandLine, ManualHasNoCommandThatIsNotThere) {
  const CommandLine line;
  const auto root = command_tree(line.app());
  std::set<std::string> paths;
  for (const auto* node : all_commands(root)) paths.insert(node->path);
  const auto text = manual();
  constexpr std::string_view kHeading = "\n## ";
  for (auto begin = text.find("\n## inference "); begin != std::string::npos;
       begin = text.find("\n## inference ", begin + 1)) {
    const auto name = begin + kHeading.size();
    const auto path = text.substr(name, text.find('\n', name) - name);
    EXPECT_TRUE(paths.contains(path)) << path;
  }
}

TEST(CommandLine, TakesTheReferencesSpellings) {
  for (const auto& arguments :
       {Words{"benchmark", "api-speed", "--model_id", "a/1",  "-wr", "3",        "-br",
              "5",         "-bs",       "2",          "-rps", "9.5", "-h",       "http://localhost:1",
              "-d",        "folder",    "-c",         "4",    "-o",  "out.json", "--max_error_rate=2",
              "-L",        "-y",        "-a",         "key"},
        Words{"benchmark", "engine-speed", "-m", "a/1", "-wi", "3", "-bi", "5", "--batch_size", "2", "-mc", "file"},
        Words{"infer", "-i", "picture.jpg", "-m", "a/1", "-o", "out", "-V", "-mc", "file", "-a", "key"},
        Words{"server", "start", "-p", "1", "-b", "127.0.0.1", "-k", "key", "-e", "file"}}) {
    CommandLine line;
    EXPECT_NO_THROW(line.parse(arguments)) << arguments[1];
  }
}

TEST(CommandLine, LeavesValuesAsTheyWereTyped) {
  for (const char* typed : {"--model-id", "--model_id"}) {
    CommandLine line;
    line.parse({"infer", typed, "my_project/1", "--", "--model_id"});
    const auto* infer = line.app().get_subcommand("infer");
    EXPECT_EQ(infer->get_option("--model-id")->as<std::string>(), "my_project/1");
  }
}

TEST(CommandLine, TellsAWrongOneInOneLineAndWhereToRead) {
  struct Case {
    Words arguments;
    Words wanted;
  };
  const Case cases[] = {{{}, {"subcommand", "inference --help"}},
                        {{"server"}, {"subcommand", "inference server --help"}},
                        {{"serve"}, {"serve", "inference --help"}},
                        {{"server", "start", "--no-such"}, {"--no-such", "inference server start --help"}},
                        {{"server", "stop", "--timeout", "soon"}, {"--timeout", "inference server stop --help"}},
                        {{"benchmark", "api-speed"}, {"--model-id", "inference benchmark api-speed --help"}}};
  for (const auto& [arguments, wanted] : cases) {
    CommandLine line;
    testing::internal::CaptureStderr();
    EXPECT_EQ(line.run(arguments), kUsage);
    const auto told = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(told.starts_with("inference: ")) << told;
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
    for (const auto& word : wanted) EXPECT_NE(told.find(word), std::string::npos) << told;
  }
}

TEST(ReasonInLog, IsTheFirstLineOfTheCommand) {
  EXPECT_EQ(reason_in_log("2026 info a\ninference: port 1 is in use\n2026 info b\n"), "port 1 is in use");
  EXPECT_EQ(reason_in_log("inference: package a\ninference: package b\ninference: package c\n"),
            "package a; and 2 more");
  EXPECT_EQ(reason_in_log("something else\nthe last words\n\n"), "the last words");
  EXPECT_EQ(reason_in_log(""), "");
}

class EnvironmentFileTest : public testing::Test {
 protected:
  ~EnvironmentFileTest() override {
    for (const char* name : {"OSPREY_TEST_A", "OSPREY_TEST_B"}) unsetenv(name);
  }
  Status read(const std::string& text) {
    write_file(folder.path() / "env", text);
    return set_environment(folder.path() / "env");
  }
  TemporaryFolder folder;
};

TEST_F(EnvironmentFileTest, SetsVariables) {
  ASSERT_TRUE(read("# a comment\n\nOSPREY_TEST_A=1\r\nOSPREY_TEST_B= a=b \n"));
  EXPECT_STREQ(std::getenv("OSPREY_TEST_A"), "1");
  EXPECT_STREQ(std::getenv("OSPREY_TEST_B"), " a=b ");
}

TEST_F(EnvironmentFileTest, NamesTheLineThatIsWrongAndSetsNothing) {
  for (const char* wrong : {"OSPREY_TEST_A=1\nno variable\n", "OSPREY_TEST_A=1\n=x\n", "OSPREY_TEST_A=1\na b=x\n"}) {
    const auto status = read(wrong);
    ASSERT_FALSE(status) << wrong;
    EXPECT_NE(status.error().message.find("line 2"), std::string::npos) << status.error().message;
    EXPECT_EQ(std::getenv("OSPREY_TEST_A"), nullptr);
  }
  EXPECT_EQ(set_environment(folder.path() / "none").error().code, Code::not_found);
}

TEST(Terminal, PaintsOnlyWhereThatIsSeen) {
  EXPECT_EQ(Terminal(false).paint("word", Colour::good), "word");
  EXPECT_EQ(Terminal(true).paint("word", Colour::bad), "\x1b[31mword\x1b[0m");
  testing::internal::CaptureStdout();
  EXPECT_FALSE(Terminal().coloured()) << "standard output is a file";
  (void)testing::internal::GetCapturedStdout();
}

}  // namespace
}  // namespace osprey::cli
