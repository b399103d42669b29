#include "cli/model_command.hpp"

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>

namespace osprey::cli {

Commands make_model_commands(CLI::App& model) {
  Commands commands;
  commands.push_back(make_model_check(model));
  commands.push_back(make_model_add(model));
  commands.push_back(make_model_list(model));
  commands.push_back(make_model_remove(model));
  commands.push_back(make_model_pull(model));
  commands.push_back(make_model_quantize(model));
  return commands;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  char text[32];
  if (bytes < 1'000'000) {
    (void)std::snprintf(text, sizeof text, "%.1f kB", static_cast<double>(bytes) / 1e3);
  } else {
    (void)std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  }
  return text;
}

std::string classes_text(const std::vector<std::string>& classes) {
  constexpr std::size_t kShown = 6;
  std::string text = std::to_string(classes.size());
  for (std::size_t i = 0; i < std::min(classes.size(), kShown); ++i) {
    text += (i == 0 ? ": " : ", ") + printable(classes[i]);
  }
  return classes.size() > kShown ? text + ", ..." : text;
}

}  // namespace osprey::cli
