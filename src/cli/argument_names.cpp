#include "cli/argument_names.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

namespace osprey::cli {
namespace {

// CLI11 takes short names of one letter only.
constexpr std::pair<std::string_view, std::string_view> kShortNames[] = {
    {"-br", "--benchmark-requests"},
    {"-bi", "--benchmark-requests"},
    {"-bs", "--batch-size"},
    {"-mc", "--model-config"},
    {"-rps", "--rps"},
    {"-wi", "--warm-up-inferences"},
    {"-wr", "--warm-up-requests"},
};

void collect_names(const CLI::App& app, std::set<std::string>& names) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.insert("--" + name);
  }
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) collect_names(*command, names);
}

}  // namespace

std::vector<std::string> with_known_names(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::set<std::string> known;
  collect_names(app, known);
  auto result = arguments;
  for (auto& argument : result) {
    if (argument == "--") break;
    const auto length = std::min(argument.find('='), argument.size());
    const auto name = argument.substr(0, length);
    if (name.starts_with("--")) {
      auto dashed = name;
      std::replace(dashed.begin(), dashed.end(), '_', '-');
      if (!known.contains(name) && known.contains(dashed)) argument.replace(0, length, dashed);
      continue;
    }
    const auto short_name = std::find_if(std::begin(kShortNames), std::end(kShortNames),
                                         [&](const auto& each) { return each.first == name; });
    if (short_name != std::end(kShortNames) && known.contains(std::string(short_name->second))) {
      argument.replace(0, length, short_name->second);
    }
  }
  return result;
}

}  // namespace osprey::cli
